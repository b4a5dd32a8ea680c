import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import type { TensorEntry } from '../../src/file/checkpoint.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { HELD_BLOCKS } from '../../src/file/gguf-rows.ts'
import { joinCheckpoints } from '../../src/file/shards.ts'
import { dequantize } from '../tools/dequantize.ts'
import { buildGguf, type GgufEntry, text, u32 } from '../tools/gguf-bytes.ts'
import { randomBlocks } from '../tools/random-blocks.ts'

/** Bytes and values of blocks of each type, as PyPI gguf 0.19 decodes them; see tests/golden7/README.md. */
const golden: Record<string, { bytes: string; values: string }> = JSON.parse(
  readFileSync(new URL('../golden7/gguf-blocks.json', import.meta.url), 'utf8'),
)
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))
const types = [...GGUF_TYPES].flatMap(([id, type]) => (type.decode ? [{ id, ...type }] : []))

/** A file with one matrix, its table entry, and its values. */
async function open({ id, shape, bytes }: { id: number; shape: number[]; bytes: Uint8Array }) {
  const file = buildGguf([{ name: 'q', type: id, shape, bytes }])
  const checkpoint = await openCheckpoint(createByteSource('m.gguf', file))
  const entry = checkpoint.tensors.get('q') as TensorEntry
  return { ...entry, checkpoint, entry }
}

/** The same numbers; a zero has no sign where it is a level. */
const unsigned = (values: Float32Array) => values.map((value) => value + 0)

describe.each(types)('blocks of $name', ({ id, name, values, bytes: size }) => {
  test('are rows whose values are those of PyPI gguf bit for bit', async () => {
    const expected = new Float32Array(bytesOf(golden[name].values).buffer)
    const { held } = await open({ id, shape: [expected.length / values, values], bytes: bytesOf(golden[name].bytes) })
    expect(held?.format).toBe(HELD_BLOCKS.get(name)?.format)
    if (!held) return
    const rows = await held.read(0, expected.length / values)
    expect(unsigned(dequantize(rows, held.format, values))).toEqual(unsigned(expected))
  })

  test('give any rows of a matrix, as they are decoded', async () => {
    const [rows, columns] = [5, 768]
    const bytes = randomBlocks(name, (rows * columns) / values)
    expect(bytes.length).toBe(((rows * columns) / values) * size)
    const { held, checkpoint, entry } = await open({ id, shape: [rows, columns], bytes })
    if (!held) throw new Error(`no format holds ${name}`)
    const decoded = await checkpoint.read(entry, columns * 4, 3 * columns * 4)
    const expected = new Float32Array(decoded.slice().buffer)
    expect(unsigned(dequantize(await held.read(1, 3), held.format, columns))).toEqual(unsigned(expected))
  })

  test('with a scale that is no number are refused', async () => {
    const bytes = randomBlocks(name, 768 / values)
    const at = name === 'Q6_K' ? 208 : 0
    bytes.set([0, 0x7c], size * (768 / values - 1) + at)
    const { held } = await open({ id, shape: [1, 768], bytes })
    await expect(held?.read(0, 1)).rejects.toMatchObject({ code: 'model/not-finite' })
  })
})

test('only matrices are held in blocks', async () => {
  const { held } = await open({ id: 8, shape: [64], bytes: randomBlocks('Q8_0', 2) })
  expect(held).toBeUndefined()
})

describe('what llama.cpp divided in RWKV-6', () => {
  const metadata: GgufEntry[] = [
    ['general.architecture', 8, text('rwkv6')],
    ['rwkv6.rescale_every_n_layers', 4, u32(2)],
  ]

  test.each(types)('is multiplied back in rows of $name as it is in values', async ({ id, name, values }) => {
    const bytes = randomBlocks(name, 512 / values)
    const tensor = { name: 'blk.5.time_mix_output.weight', type: id, shape: [2, 256], bytes }
    const checkpoint = await openCheckpoint(createByteSource('m.gguf', buildGguf([tensor], { metadata })))
    const entry = checkpoint.tensors.get(tensor.name) as TensorEntry
    const { held } = entry
    if (name === 'Q4_1' || name === 'Q5_1') {
      expect(held).toBeUndefined() // an f16 may have no room for what is four times as large
      return
    }
    if (!held) throw new Error(`no format holds ${name}`)
    const expected = new Float32Array((await checkpoint.read(entry, 0, entry.byteLength)).slice().buffer)
    expect(unsigned(dequantize(await held.read(0, 2), held.format, 256))).toEqual(unsigned(expected))
    const plain = await open({ id, shape: [2, 256], bytes })
    const undivided = new Float32Array((await plain.checkpoint.read(plain.entry, 0, 2048)).slice().buffer)
    expect(expected).toEqual(undivided.map((value) => value * 4))
  })
})

test('rows are read from the part of a split file that has them', async () => {
  const files = [1, 2].map((seed) => ({ seed, bytes: randomBlocks('Q6_K', 4, seed) }))
  const parts = await Promise.all(
    files.map(({ seed, bytes }) =>
      openCheckpoint(
        createByteSource(`${seed}.gguf`, buildGguf([{ name: `q${seed}`, type: 14, shape: [2, 512], bytes }])),
      ),
    ),
  )
  const joined = joinCheckpoints('m.gguf', parts)
  for (const [name, entry] of joined.tensors) {
    const expected = new Float32Array((await joined.read(entry, 0, entry.byteLength)).slice().buffer)
    const rows = (await entry.held?.read(0, 2)) ?? new Uint8Array()
    expect([name, unsigned(dequantize(rows, 'q6_k', 512))]).toEqual([name, unsigned(expected)])
  }
})
