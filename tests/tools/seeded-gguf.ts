/** @file Made-up models of RWKV-7 as llama.cpp writes and reads them, each matrix in whatever type. */

import type { LowRanks, ModelConfig } from '../../src/core/protocol.ts'
import { matrixSize, type TensorSpec } from '../../src/core/tensor-spec.ts'
import { GGUF_TYPES, type GgufType } from '../../src/file/gguf-blocks.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { buildGguf, type GgufEntry, type GgufTensorToWrite, list, text, u32 } from './gguf-bytes.ts'
import { randomBlocks } from './random-blocks.ts'
import { concat } from './safetensors-bytes.ts'

/** The sizes of such a model. */
export interface Config7 extends Pick<ModelConfig, 'L' | 'C' | 'F' | 'V'> {
  readonly version: 7
  readonly headSize: number
  readonly ranks: LowRanks
}

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

/** The tokens of a vocabulary of V: so many bytes, and nothing else. */
const tokensOf = (V: number, bytes: number) =>
  Array.from({ length: V }, (_, id) => {
    if (id === 0) return '<s>'
    return id <= bytes ? `\\x${(id - 1).toString(16).padStart(2, '0')}` : `[PAD${id}]`
  })

/** The bytes of a matrix in a type, made of its f32 values or of nothing. */
export type BlocksOf = (type: GgufType, matrix: { readonly values: Float32Array; readonly seed: number }) => Uint8Array

const madeUp: BlocksOf = ({ name, values: block }, { values, seed }) => randomBlocks(name, values.length / block, seed)

/** A file of such a model; the tokens of its vocabulary are the first `bytes` bytes. */
export async function seededGguf(config: Config7, typeOf: TypeOf, { blocksOf = madeUp, bytes = 256 } = {}) {
  const specs = [...tensorsOf(config)]
  const seeded = createSeededCheckpoint(specs, 7)
  const valuesOf = async (spec: TensorSpec | undefined) => {
    const tensor = spec && seeded.tensors.get(spec.name)
    return tensor ? (await seeded.read(tensor, 0, tensor.byteLength)).slice() : new Uint8Array()
  }
  const tensors: GgufTensorToWrite[] = []
  for (const [seed, spec] of specs.entries()) {
    const name = nameOf(spec.name)
    if (/\.time_mix_x_\w\.weight$/.test(name)) continue
    if (spec.kind === 'matrix' && !spec.isExact) {
      const [rows, columns] = matrixSize(spec)
      const [number, type] = typeCalled(typeOf(spec.name))
      const values = new Float32Array((await valuesOf(spec)).buffer)
      tensors.push({ name, type: number, shape: [rows, columns], bytes: blocksOf(type, { values, seed }) })
      continue
    }
    const bytes = await valuesOf(spec)
    if (spec.isExact)
      tensors.push({ name, type: 0, shape: spec.shape.toReversed(), bytes: transposed(bytes, spec.shape) })
    else tensors.push({ name, type: 0, shape: /\.time_mix_r_k/.test(name) ? [config.C] : spec.shape, bytes })
  }
  for (const copied of tensors.filter(({ name }) => /^blk\.0\.time_mix_a\d\.weight$/.test(name)))
    tensors.push({ ...copied, name: copied.name.replace('_a', '_v') }) // llama.cpp wants them, and does not use them
  for (let layer = 0; layer < config.L; layer++) {
    const mixes = Array.from(MIXES, (mix) => specs.find(({ name }) => name === `blocks.${layer}.att.x_${mix}`))
    const bytes = concat(await Promise.all(mixes.map(valuesOf)))
    tensors.push({ name: `blk.${layer}.time_mix_lerp_fused.weight`, type: 0, shape: [6, 1, 1, config.C], bytes })
  }
  return buildGguf(tensors, { metadata: metadataOf(config, tokensOf(config.V, bytes)) })
}

function transposed(
  bytes: Uint8Array<ArrayBuffer>,
  [rows = 1, columns = 1]: readonly number[],
): Uint8Array<ArrayBuffer> {
  const from = new Float32Array(bytes.buffer)
  const to = from.map((_, i) => from[(i % rows) * columns + Math.floor(i / rows)] as number)
  return new Uint8Array(to.buffer)
}

function typeCalled(wanted: string): [number: number, type: GgufType] {
  const found = [...GGUF_TYPES].find(([, { name }]) => name === wanted)
  if (!found) throw new RangeError(`no type ${wanted}`)
  return found
}

function metadataOf({ L, C, F, headSize, ranks }: Config7, tokens: readonly string[]): GgufEntry[] {
  const numbers = {
    ...{ context_length: 4096, embedding_length: C, block_count: L, feed_forward_length: F },
    ...{ 'wkv.head_size': headSize, 'attention.head_count': 0, 'attention.decay_lora_rank': ranks.w },
    ...{ 'attention.iclr_lora_rank': ranks.a, 'attention.value_residual_mix_lora_rank': ranks.v },
    'attention.gate_lora_rank': ranks.g,
  }
  return [
    ['general.architecture', 8, text('rwkv7')],
    ...Object.entries(numbers).map(([key, value]): GgufEntry => [`rwkv7.${key}`, 4, u32(value)]),
    ['rwkv7.attention.layer_norm_epsilon', 6, new Uint8Array(Float32Array.of(1e-5).buffer)],
    ['tokenizer.ggml.model', 8, text('rwkv')],
    [
      'tokenizer.ggml.tokens',
      9,
      list(
        8,
        tokens.map((token) => text(token)),
      ),
    ],
  ]
}
