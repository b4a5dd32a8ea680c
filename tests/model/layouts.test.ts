import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { float32ToHalf, halfToFloat32 } from '../../src/core/float16.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, type TensorEntry } from '../../src/file/checkpoint.ts'
import { decodeFloats } from '../../src/file/tensor.ts'
import { inferConfig } from '../../src/model/config.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { goldenFolder7 } from '../tools/golden.ts'
import { rebuilt, turnedHalves } from '../tools/rebuilt.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'

const read = (name: string) => readFile(`${goldenFolder7}/models/${name}`)
const open = (name: string, bytes: Uint8Array) => openCheckpoint(createByteSource(name, bytes))

/** The values of a tensor, each row of its shape after another. */
async function valuesOf(checkpoint: Checkpoint, entry: TensorEntry): Promise<Float32Array> {
  const values = decodeFloats(await checkpoint.read(entry, 0, entry.byteLength), entry.dtype)
  if (!entry.isTurned) return values
  const [rows, columns] = entry.shape
  return values.map((_, at) => values[(at % columns) * rows + Math.floor(at / columns)])
}

/** Every tensor that the model needs, by its official name. */
async function modelOf(checkpoint: Checkpoint) {
  const { config, tensors } = inferConfig(checkpoint, architectures)
  const values = new Map<string, Float32Array>()
  for (const [name, entry] of tensors) values.set(name, await valuesOf(checkpoint, entry))
  return { config, values }
}

const official = await open('seven128.bf16.pth', await read('seven128.bf16.pth'))

/** The official file written by other names; `rename` gives them, and a turned matrix where it says so. */
async function rewritten(rename: (name: string) => string | readonly [name: string, isTurned: true]) {
  const written: TensorToWrite[] = []
  for (const [name, { dtype, shape, byteLength }] of official.tensors) {
    const renamed = rename(name)
    const bytes = await official.read(official.tensors.get(name) as TensorEntry, 0, byteLength)
    const isPlain = typeof renamed === 'string'
    const [rows, columns] = shape
    written.push({
      name: isPlain ? renamed : renamed[0],
      dtype,
      shape: isPlain ? shape : [columns, rows],
      bytes: isPlain ? bytes : turnedHalves(bytes, [rows, columns]),
    })
  }
  return open('model.safetensors', buildSafetensors(written))
}

/** From official names to those of rwkv-rs, by its description: written the other way round than the code under test. */
const rwkvRsName = (name: string) =>
  name
    .replace(/^emb\./, 'model.embed_tokens.')
    .replace(/^blocks\.0\.ln0\./, 'model.embedding_norm.')
    .replace(/^ln_out\./, 'model.norm.')
    .replace(/^head\./, 'lm_head.')
    .replace(/^blocks\.(\d+)\.ln1\./, 'model.layers.$1.input_layernorm.')
    .replace(/^blocks\.(\d+)\.ln2\./, 'model.layers.$1.post_attention_layernorm.')
    .replace(/^blocks\.(\d+)\.att\./, 'model.layers.$1.linear_attn.')
    .replace(/^blocks\.(\d+)\.ffn\./, 'model.layers.$1.mlp.')
    .replace('linear_attn.receptance.', 'linear_attn.r_proj.')
    .replace('linear_attn.key.', 'linear_attn.k_proj.')
    .replace('linear_attn.value.', 'linear_attn.v_proj.')
    .replace('linear_attn.output.', 'linear_attn.o_proj.')
    .replace('linear_attn.ln_x.', 'linear_attn.g_norm.')
    .replace('mlp.key.', 'mlp.up_proj.')
    .replace('mlp.value.', 'mlp.down_proj.')

describe('seven128 is the same model, bit for bit,', () => {
  test.each<[string, () => Promise<Checkpoint>]>([
    [
      'as flash-linear-attention lays it out',
      async () => open('fla', await rebuilt(goldenFolder7, 'seven128-hf-fla.json')),
    ],
    [
      'as the RWKV organisation lays it out',
      async () => open('org', await rebuilt(goldenFolder7, 'seven128-hf-org.json')),
    ],
    ['as rwkv-rs lays it out', () => rewritten(rwkvRsName)],
    [
      'with all low-rank matrices turned',
      () => rewritten((name) => (/\.[wavg][12]$/.test(name) ? [name, true] : name)),
    ],
    ['compiled', () => rewritten((name) => `_orig_mod.${name}`)],
  ])('%s', async (_, checkpoint) => {
    const { config, values } = await modelOf(await checkpoint())
    const expected = await modelOf(official)
    expect(config).toEqual(expected.config)
    expect([...values.keys()]).toEqual([...expected.values.keys()])
    for (const [name, value] of values) {
      const others = expected.values.get(name)
      expect([name, value.findIndex((one, i) => one !== others?.[i])]).toEqual([name, -1])
    }
  })

  test("but for its rounding to f16 as web-rwkv's converter writes it", async () => {
    const converted: [name: string, shape: number[]][] = JSON.parse((await read('seven128-web-rwkv.json')).toString())
    const expected = await modelOf(official)
    const rounded = (values: Float32Array) => float32ToHalf(values)
    const written = converted.map(([name, shape]): TensorToWrite => {
      const halves = rounded(expected.values.get(name) as Float32Array)
      const bytes = new Uint8Array(halves.buffer)
      if (!/\.[wavg][12]$/.test(name)) return { name, dtype: 'F16', shape, bytes }
      const [rows, columns] = official.tensors.get(name)?.shape ?? []
      expect([name, ...shape]).toEqual([name, columns, rows])
      return { name, dtype: 'F16', shape, bytes: turnedHalves(bytes, [rows, columns]) }
    })
    const { config, values } = await modelOf(await open('m.st', buildSafetensors(written)))
    expect(config).toEqual(expected.config)
    for (const [name, value] of values) {
      const others = halfToFloat32(rounded(expected.values.get(name) as Float32Array))
      expect([name, value.findIndex((one, i) => one !== others[i])]).toEqual([name, -1])
    }
  })

  test('but for its rounding to blocks as llama.cpp lays it out', async () => {
    const { config, values } = await modelOf(await open('m.gguf', await read('seven128.q8_0.gguf')))
    const expected = await modelOf(official)
    expect(config).toEqual(expected.config)
    for (const [name, value] of values) {
      const others = expected.values.get(name) as Float32Array
      const most = value.reduce((max, one) => Math.max(max, Math.abs(one)), 0)
      const apart = value.findIndex((one, i) => Math.abs(one - others[i]) > most / 127)
      expect([name, value.length, apart]).toEqual([name, others.length, -1])
    }
  })
})
