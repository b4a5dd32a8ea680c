/**
 * @file A made-up version of RWKV with states as large as those of a 0.4B model of RWKV-7 (24 layers, 66 rows of 1,024
 * numbers: 6.5 MB) and next to no weights, so that what sessions do with large states can be seen in milliseconds.
 */

import stepCode from '../../shaders/shared/step.wgsl?raw'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { matrix, norm } from '../../src/core/tensor-spec.ts'
import { createEngine, type Engine, type EngineParts } from '../../src/engine/engine.ts'
import { architecture } from '../../src/forward/architecture.ts'
import type { Buffer } from '../../src/gpu/buffer.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { known } from '../../src/rwkv/v4/known-answers.ts'
import { createDawn } from './dawn.ts'
import { testedDevice } from './engine.ts'
import { buildSafetensors } from './safetensors-bytes.ts'
import { vocabularyText } from './vocabulary-text.ts'
import code from './wide-state.wgsl?raw'

const HEAD_SIZE = 64
const config: ModelConfig = { version: 7, L: 24, C: 1024, F: 8, V: 264 }

function* tensors({ L, C, F, V }: ModelConfig) {
  yield matrix('emb.weight', V, C)
  yield* norm('blocks.0.ln0', C)
  for (let layer = 0; layer < L; layer++) yield matrix(`blocks.${layer}.ffn.key.weight`, F, C)
  yield* norm('ln_out', C)
  yield matrix('head.weight', V, C)
}

const inX = { from: 'x', part: 0, parts: 1 } as const // where traces find everything

/** As the runtime takes it. Its layers have a weight each, which nothing reads. */
const wide = architecture<unknown, Readonly<Record<string, Buffer>>>({
  version: 7,
  isMark: ({ name }) => name.endsWith('.ffn.key.weight'),
  config: (sizes) => ({ version: 7, ...sizes }),
  families: [],
  tensors,
  state: () => [
    { name: 'attX', count: 1, initial: 0, about: 'First' },
    { name: 'ffnX', count: 1, initial: 0, about: 'Second' },
    { name: 's', count: HEAD_SIZE, initial: 0, about: 'All others' },
  ],
  weights: (table, { C, F }, layer) => table.matrix(`unused ${layer}`, C, [[`blocks.${layer}.ffn.key.weight`, F]]),
  scratch: () => ({}),
  layer: ({ config: { C }, layer, scratch, step, state, R }) => [
    {
      label: `wide-state ${layer}`,
      source: {
        label: 'wide-state',
        parts: [
          { name: 'shared/step.wgsl', code: stepCode },
          { name: 'wide-state.wgsl', code },
        ],
        bindings: ['uniform', 'read', 'read_write', 'read_write'],
        constants: { C, L: state.layers, R },
      },
      params: [state.layer],
      bindings: [step.entries, state.buffer, scratch.x],
      grid: ({ entries }) => [Math.ceil(C / 4 / 64), entries, 1],
      isTracePoint: true,
    },
  ],
  wasm: {
    weights: () => undefined,
    scratch: () => ({}),
    layer() {
      throw new RangeError('this version runs on WebGPU alone')
    },
  },
  traced: { x: inX, r: inX, k: inX, v: inX, wkv: inX },
  inspector: () => () => ({ layers: [] }),
  // It has no answers to be known by.
  known: {
    config: { ...config, L: 1 },
    seed: 1,
    ids: [],
    logits: { full: [], q8: [], q4: [], coarse: [] },
    draws: { ...known.draws, ids: { full: [], q8: [], q4: [], coarse: [] } },
  },
})

const description = {
  name: 'wide',
  architecture: 'rwkv-7',
  weights: 'model.safetensors',
  vocabulary: { file: 'vocab.txt', kind: 'world' },
  bos_token_id: 0,
  eos_token_id: 0,
  prompt_format: { user: 'U:{text}\n\n', assistant: 'A:', end: '\n\n', stop: ['\n\n'] },
  sampling: { temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 6 },
  license: 'none',
}

/** Where the model is, for the engine. */
export const wideModel = 'file:///wide/'

/** An engine that runs this version alone. */
export async function createWideEngine(options: Pick<EngineParts, 'store' | 'memoryByteLength'> = {}): Promise<Engine> {
  const checkpoint = createSeededCheckpoint(tensors(config), 1)
  const written = await Promise.all(
    Array.from(checkpoint.tensors.values(), async (tensor) => ({
      ...tensor,
      bytes: await checkpoint.read(tensor, 0, tensor.byteLength),
    })),
  )
  const files: Readonly<Record<string, BodyInit>> = {
    'model.json': JSON.stringify(description),
    'vocab.txt': vocabularyText(['\n\n', ' cat', ' dog']),
    'model.safetensors': buildSafetensors(written),
  }
  const fetch = async (input: RequestInfo | URL) => new Response(files[String(input).slice(wideModel.length)])
  return createEngine({ gpu: createDawn(), device: testedDevice, fetch, architectures: [wide], ...options })
}
