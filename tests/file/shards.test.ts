import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { joinCheckpoints, parseShardIndex } from '../../src/file/shards.ts'
import { buildPth } from '../tools/pth-bytes.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'

const tensor = (name: string, ...values: number[]): TensorToWrite => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  values,
})
const shard = (file: string, ...tensors: TensorToWrite[]) =>
  openCheckpoint(createByteSource(file, buildSafetensors(tensors)))
const index = (map: Record<string, unknown>) => JSON.stringify({ metadata: { total_size: 12 }, weight_map: map })

describe('shards together', () => {
  test('are one checkpoint, in the order of the files, whatever their formats', async () => {
    const data = new Uint8Array(Float32Array.of(4, 5).buffer)
    const pth = await openCheckpoint(
      createByteSource('2', buildPth([{ name: 'c', type: 'FloatStorage', shape: [2], data }])),
    )
    const first = await shard('1', tensor('a', 1), tensor('b', 2, 3), { name: 'step', dtype: 'I64', shape: [1] })
    const joined = joinCheckpoints(
      'index',
      [first, pth],
      new Map([
        ['a', '1'],
        ['c', '2'],
        ['step', '1'],
      ]),
    )
    expect(joined.byteLength).toBe(first.byteLength + pth.byteLength)
    for (const [name, values] of Object.entries({ a: [1], b: [2, 3], c: [4, 5] })) {
      expect([...(await readTensor(joined, name))]).toEqual(values)
    }
    expect(joined.unreadable.has('step')).toBe(true)
    const offsets = [...joined.tensors.values()].map(({ offset }) => offset)
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  })

  test('may not hold a tensor twice, nor lack one that the index names', async () => {
    const [one, two] = [await shard('1', tensor('a', 1)), await shard('2', tensor('a', 1))]
    expect(() => joinCheckpoints('index', [one, two])).toThrow(expect.objectContaining({ code: 'file/duplicate-name' }))
    for (const map of [new Map([['a', '2']]), new Map([['b', '1']])]) {
      expect(() => joinCheckpoints('index', [one], map)).toThrow(expect.objectContaining({ code: 'file/shards' }))
    }
  })
})

describe('an index', () => {
  test('says which file holds which tensor', () => {
    expect([...parseShardIndex(index({ a: 'model-00001-of-00002.safetensors', __proto: 'x' }), 'i')]).toEqual([
      ['a', 'model-00001-of-00002.safetensors'],
      ['__proto', 'x'],
    ])
  })

  test.each([
    ['no JSON', 'weight_map', 'file/header-json'],
    ['no object', '[]', 'file/shards'],
    ['no weight_map', '{}', 'file/shards'],
    ['no tensors', index({}), 'file/shards'],
    ['a file that climbs', index({ a: '../model.safetensors' }), 'file/shards'],
    ['a file on another host', index({ a: 'https://x/y' }), 'file/shards'],
    ['a file that is no text', index({ a: 1 }), 'file/shards'],
    ['the folder itself', index({ a: '..' }), 'file/shards'],
    ['a tensor twice', '{"weight_map":{"a":"1","a":"2"}}', 'file/duplicate-name'],
    ['nesting without end', `{"weight_map":${'['.repeat(100_000)}`, 'file/header-depth'],
    ['1,001 files', index(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, `f${i}`]))), 'file/shards'],
  ])('with %s is refused', (_, text, code) => {
    expect(() => parseShardIndex(text, 'i')).toThrow(expect.objectContaining({ code }))
  })
})
