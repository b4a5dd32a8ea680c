import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import type { TensorEntry } from '../../src/file/checkpoint.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { HELD_BLOCKS } from '../../src/file/gguf-rows.ts'
import { dequantize } from '../tools/dequantize.ts'
import { buildGguf } from '../tools/gguf-bytes.ts'
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
