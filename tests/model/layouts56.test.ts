import { describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { inferConfig } from '../../src/model/config.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import { buildGguf, type GgufTensorToWrite, text, u32 } from '../tools/gguf-bytes.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'

const sizes = { L: 3, C: 32, F: 40, V: 12, headSize: 16 } as const
const six = { ...sizes, version: 6, ranks: { mix: 8, decay: 24 } } as const
const five = (minor: 0 | 1 | 2) => ({ ...sizes, version: 5, minor }) as const

/** A tensor under its official name, its values exact in every type. */
interface Official {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

async function officialOf(config: ModelConfig): Promise<Official[]> {
  const checkpoint = createSeededCheckpoint(tensorsOf(config), 9)
  const exact = (value: number) => Math.round(value * 64) / 64
  return Promise.all(
    Array.from(checkpoint.tensors.values(), async ({ name, shape }) => ({
      ...{ name, shape },
      values: (await readTensor(checkpoint, name)).map(exact),
    })),
  )
}

/** The last two axes exchanged. */
function turned({ name, shape, values }: Official): Official {
  const [rows, columns] = shape.slice(-2)
  const size = rows * columns
  const turnedValues = values.map(
    (_, i) => values[i - (i % size) + (i % rows) * columns + (Math.floor(i / rows) % columns)],
  )
  return { name, shape: [...shape.slice(0, -2), columns, rows], values: turnedValues }
}

const isLowRank = (name: string) => /_(maa|decay)_w[12]$/.test(name)

const written = (tensors: readonly Official[], dtype = 'F32') =>
  open('m.safetensors', buildSafetensors(tensors.map((tensor): TensorToWrite => ({ ...tensor, dtype }))))
const open = (name: string, bytes: Uint8Array) => openCheckpoint(createByteSource(name, bytes))

/** By the converter's words: lower case, first for faaaa, mix for maa, low-rank matrices turned, F16. */
const webRwkv = (tensors: readonly Official[]) =>
  written(
    tensors.map((tensor) => {
      const name = tensor.name.replace('time_faaaa', 'time_first').replace('time_maa', 'time_mix')
      return { ...(isLowRank(tensor.name) ? turned(tensor) : tensor), name }
    }),
    'F16',
  )

const huggingFace = (tensors: readonly Official[]) =>
  written(
    tensors.map((tensor) => {
      const name = tensor.name
        .replace(/^emb\./, 'rwkv.embeddings.')
        .replace(/^(blocks|ln_out)/, 'rwkv.$1')
        .replace('.ln0.', '.pre_ln.')
        .replace('.att.', '.attention.')
        .replace('.ffn.', '.feed_forward.')
        .replace(/time_mix_([kvrg])$/, (_, letter) => {
          const inputs: Record<string, string> = { k: 'key', v: 'value', r: 'receptance', g: 'gate' }
          return `time_mix_${inputs[letter]}`
        })
      return { ...tensor, name }
    }),
  )

/** As llama.cpp's converter does it, two matrices of a block divided by 2^⌊block / 2⌋. */
function llamaCpp(tensors: readonly Official[]) {
  const name = (official: string) =>
    official
      .replace('emb.weight', 'token_embd.weight')
      .replace('blocks.0.ln0', 'token_embd_norm')
      .replace('ln_out', 'output_norm')
      .replace('head.weight', 'output.weight')
      .replace(/^blocks/, 'blk')
      .replace('.ln1.', '.attn_norm.')
      .replace('.ln2.', '.attn_norm_2.')
      .replace('.att.ln_x.', '.time_mix_ln.')
      .replace(/\.att\.time_maa_x$/, '.time_mix_lerp_x.weight')
      .replace(/\.att\.time_maa_(w[12])$/, '.time_mix_$1.weight')
      .replace(/\.att\.time_(decay(_w[12])?)$/, '.time_mix_$1.weight')
      .replace('.att.time_faaaa', '.time_mix_first.weight')
      .replace(/\.att\./, '.time_mix_')
      .replace(/\.ffn\.time_maa_([kr])$/, '.channel_mix_lerp_$1.weight')
      .replace('.ffn.', '.channel_mix_')
  const file = tensors.flatMap((tensor): GgufTensorToWrite[] => {
    if (/\.att\.time_maa_[kvrg]$/.test(tensor.name)) return [] // with the first
    const block = tensor.name.split('.')[1]
    if (tensor.name.endsWith('.att.time_maa_w')) {
      const values = [...'wkvrg'].flatMap((input) => [
        ...(tensors.find((one) => one.name === `blocks.${block}.att.time_maa_${input}`)?.values ?? []),
      ])
      const bytes = new Uint8Array(Float32Array.from(values).buffer)
      return [{ name: `blk.${block}.time_mix_lerp_fused.weight`, type: 0, shape: [5, 1, 1, 32], bytes }]
    }
    const { shape, values } = isLowRank(tensor.name) ? turned(tensor) : tensor
    const isDivided = /att\.output|ffn\.value/.test(tensor.name)
    const divided = values.map((value) => (isDivided ? value / 2 ** Math.floor(Number(block) / 2) : value))
    return [{ name: name(tensor.name), type: 0, shape, bytes: new Uint8Array(divided.buffer) }]
  })
  return open(
    'm.gguf',
    buildGguf(file, {
      metadata: [
        ['general.architecture', 8, text('rwkv6')],
        ['rwkv6.rescale_every_n_layers', 4, u32(2)],
      ],
    }),
  )
}

type Layout = (tensors: readonly Official[]) => Promise<Checkpoint>

describe('the same model, number for number,', () => {
  test.each<[string, ModelConfig, Layout]>([
    ['RWKV-6 by official names', six, written],
    ["RWKV-6 as web-rwkv's converter writes it", six, webRwkv],
    ['RWKV-6 as Hugging Face lays it out', six, huggingFace],
    ['RWKV-6 as llama.cpp lays it out', six, llamaCpp],
    ['RWKV-5.2 by official names', five(2), written],
    ["RWKV-5.2 as web-rwkv's converter writes it", five(2), webRwkv],
    ['RWKV-5.2 of one head', { ...five(2), headSize: 32 }, webRwkv],
    ['RWKV-5.1 of one head', { ...five(1), headSize: 32 }, written],
    ['RWKV-5.2 as Hugging Face lays it out', five(2), huggingFace],
    ['RWKV-5.1 by official names', five(1), written],
    [
      'RWKV-5.0, which has the logarithm of u',
      five(0),
      (tensors) =>
        written(
          tensors.map((tensor) =>
            tensor.name.endsWith('time_faaaa')
              ? { ...tensor, name: tensor.name.replace('faaaa', 'first'), values: tensor.values.map(Math.log) }
              : tensor,
          ),
        ),
    ],
  ])('%s', async (_, config, layout) => {
    const official = (await officialOf(config)).map((tensor) =>
      config.minor === 0 && tensor.name.endsWith('time_faaaa')
        ? { ...tensor, values: tensor.values.map((value) => Math.abs(value) + 0.25) }
        : tensor,
    )
    const checkpoint = await layout(official)
    const { config: found, version } = inferConfig(checkpoint, architectures)
    expect(found).toEqual(config)
    expect(version.version).toBe(config.version)
    const [ours, theirs] = await Promise.all([checkpoint, await written(official)].map(createOracleModel))
    const [state, expected] = [ours.createState(), theirs.createState()]
    const logits = [...ours.feed(state, [3, 5, 7, 2])]
    const limit = config.minor === 0 ? 6 : 14 // digits; a logarithm in f32 is rounded
    theirs.feed(expected, [3, 5, 7, 2]).forEach((logit, id) => {
      expect(logits[id]).toBeCloseTo(logit, limit)
    })
  })
})

test.each([
  ['RWKV-6', { ...six, ranks: { mix: 4, decay: 24 } }, /rank 4; expected a multiple of 8/],
  ['RWKV-6', { ...six, headSize: 8 }, /RWKV-6 model have 8 channels of 32/],
  ['RWKV-5', { ...five(2), headSize: 8 }, /RWKV-5 model have 8 channels of 32/],
])('%s of sizes that no kernel takes is refused: %o', async (_, config, message) => {
  const checkpoint = await written(await officialOf(config as ModelConfig))
  expect(() => inferConfig(checkpoint, architectures)).toThrow(
    expect.objectContaining({ code: 'model/tensor-shape', message: expect.stringMatching(message) }),
  )
})
