/** @file Made-up models of RWKV-7 as llama.cpp writes them, each matrix in whatever type. */

import type { ModelConfig } from '../../src/core/protocol.ts'
import { headSizeOf, matrixSize, type TensorSpec } from '../../src/core/tensor-spec.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { type BuildGguf, buildGguf, type GgufTensorToWrite, list, text, u32 } from './gguf-bytes.ts'
import { randomBlocks } from './random-blocks.ts'
import { concat } from './safetensors-bytes.ts'

/** The type of a matrix that is not low-rank, by its official name. */
export type TypeOf = (name: string) => string

/** As llama.cpp quantises to Q4_K_M: all matrices but the head in Q4_K. */
export const q4KM: TypeOf = (name) => (name === 'head.weight' ? 'Q6_K' : 'Q4_K')

const MIXES = 'rwkvag'

/** What llama.cpp calls a tensor. */
function nameOf(official: string): string {
  return official
    .replace(/^emb\./, 'token_embd.')
    .replace(/^blocks\.0\.ln0\./, 'token_embd_norm.')
    .replace(/^ln_out\./, 'output_norm.')
    .replace(/^head\./, 'output.')
    .replace(/^blocks\./, 'blk.')
    .replace(/\.ln1\./, '.attn_norm.')
    .replace(/\.ln2\./, '.attn_norm_2.')
    .replace(/\.att\.ln_x\./, '.time_mix_ln.')
    .replace(/\.ffn\.x_k$/, '.channel_mix_lerp_k.weight')
    .replace(/\.ffn\./, '.channel_mix_')
    .replace(/\.att\.(receptance|key|value|output)\./, '.time_mix_$1.')
    .replace(/\.att\.(\w+)$/, '.time_mix_$1.weight')
}

/** The tokens of a vocabulary of V: every byte, and nothing else. */
const tokensOf = (V: number) =>
  Array.from({ length: V }, (_, id) => {
    if (id === 0) return '<s>'
    return id <= 256 ? `\\x${(id - 1).toString(16).padStart(2, '0')}` : `[PAD${id}]`
  })

/** A file of such a model; `options` as for `buildGguf`. */
export async function seededGguf(config: ModelConfig, typeOf: TypeOf, options: BuildGguf = {}) {
  const specs = [...tensorsOf(config)]
  const seeded = createSeededCheckpoint(specs, 7)
  const valuesOf = async ({ name }: TensorSpec) => {
    const tensor = seeded.tensors.get(name)
    return tensor ? seeded.read(tensor, 0, tensor.byteLength) : new Uint8Array()
  }
  const tensors: GgufTensorToWrite[] = []
  for (const [seed, spec] of specs.entries()) {
    const name = nameOf(spec.name)
    if (/\.time_mix_x_\w\.weight$/.test(name)) continue
    if (spec.kind === 'matrix' && !spec.isExact) {
      const [rows, columns] = matrixSize(spec)
      const type = [...GGUF_TYPES].find(([, one]) => one.name === typeOf(spec.name))
      if (!type) throw new RangeError(`no type ${typeOf(spec.name)}`)
      const bytes = randomBlocks(type[1].name, (rows * columns) / type[1].values, seed)
      tensors.push({ name, type: type[0], shape: [rows, columns], bytes })
      continue
    }
    const shape = /\.time_mix_r_k/.test(name) ? [config.C] : spec.isExact ? spec.shape.toReversed() : spec.shape
    tensors.push({ name, type: 0, shape, bytes: await valuesOf(spec) })
  }
  for (let layer = 0; layer < config.L; layer++) {
    const mixes = Array.from(MIXES, (mix) => specs.find(({ name }) => name === `blocks.${layer}.att.x_${mix}`))
    const bytes = concat(await Promise.all(mixes.map((spec) => (spec ? valuesOf(spec) : new Uint8Array()))))
    tensors.push({ name: `blk.${layer}.time_mix_lerp_fused.weight`, type: 0, shape: [6, 1, 1, config.C], bytes })
  }
  return buildGguf(tensors, {
    metadata: [
      ['general.architecture', 8, text('rwkv7')],
      ['rwkv7.wkv.head_size', 4, u32(headSizeOf(config))],
      ['tokenizer.ggml.model', 8, text('rwkv')],
      [
        'tokenizer.ggml.tokens',
        9,
        list(
          8,
          tokensOf(config.V).map((token) => text(token)),
        ),
      ],
    ],
    ...options,
  })
}
