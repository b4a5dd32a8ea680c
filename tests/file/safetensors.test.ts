import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, isRwkvError } from '../../src/core/errors.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { openSafetensors, parseSafetensorsHeader } from '../../src/file/safetensors.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { type BuildOptions, buildSafetensors, concat, type TensorToWrite } from '../tools/safetensors-bytes.ts'

const A: TensorToWrite = { name: 'a', dtype: 'F32', shape: [2], values: [1, 2] }
const B: TensorToWrite = { name: 'b', dtype: 'F16', shape: [1, 2], values: [3, -0.5] }

const open = (bytes: Uint8Array): Promise<Checkpoint> => openCheckpoint(createByteSource('m.safetensors', bytes))
const sound = (options?: BuildOptions) => buildSafetensors([A, B], options)
/** A file of eight bytes of data with this header. */
const header = (text: string | Uint8Array, byteLength = 8) => sound({ header: text, data: new Uint8Array(byteLength) })
/** A file of eight bytes of data and one tensor `a`, F32 (2), but for `fields`. */
const entry = (fields: object) =>
  header(JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } }))
const raw = (fields: string) => header(`{"a":{${fields}}}`)
const pair = (first: readonly number[], second: readonly number[], byteLength: number) =>
  header(
    JSON.stringify({
      a: { dtype: 'U8', shape: [(first[1] ?? 0) - (first[0] ?? 0)], data_offsets: first },
      b: { dtype: 'U8', shape: [(second[1] ?? 0) - (second[0] ?? 0)], data_offsets: second },
    }),
    byteLength,
  )
const same = 'dtype":"F32","shape":[2],"data_offsets":[0,8]'
const deep = '['.repeat(100_000)

describe('a sound file', () => {
  test('gives its tensors with absolute offsets, and their values', async () => {
    const bytes = sound({ metadata: { format: 'pt' } })
    const checkpoint = await open(bytes)
    expect(checkpoint).toMatchObject({ file: 'm.safetensors', byteLength: bytes.length })
    expect([...checkpoint.tensors.values()]).toEqual([
      { name: 'a', dtype: 'F32', shape: [2], offset: bytes.length - 12, byteLength: 8 },
      { name: 'b', dtype: 'F16', shape: [1, 2], offset: bytes.length - 4, byteLength: 4 },
    ])
    expect([...(await readTensor(checkpoint, 'a'))]).toEqual([1, 2])
    expect([...(await readTensor(checkpoint, 'b'))]).toEqual([3, -0.5])
  })

  test('any tensors written are read back, at any alignment of the data (fault 31)', async () => {
    const tensor = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__'),
      dtype: fc.constantFrom('F32', 'F16', 'BF16'),
      values: fc.array(fc.integer({ min: -16, max: 16 }), { maxLength: 5 }),
    })
    const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 })
    const law = fc.asyncProperty(tensors, fc.constantFrom(1, 3, 8), async (list, align) => {
      const toWrite = list.map((one) => ({ ...one, shape: [one.values.length] }))
      const checkpoint = await open(buildSafetensors(toWrite, { align }))
      expect([...checkpoint.tensors.keys()]).toEqual(list.map(({ name }) => name))
      for (const { name, values } of list) expect([...(await readTensor(checkpoint, name))]).toEqual(values)
    })
    await fc.assert(law)
  })

  test('tensors may lie in another order than they are named', async () => {
    expect((await open(pair([4, 8], [0, 4], 8))).unreadable.size).toBe(2)
  })

  test.each([
    [
      13,
      'tensors named __proto__ and constructor',
      sound({ header: `{"__proto__":{"${same}},"constructor":{"dtype":"F16","shape":[2],"data_offsets":[8,12]}}` }),
      ['__proto__', 'constructor'],
    ],
    [16, 'white space before the header', header(` \n\t{"a":{"${same}}}`), ['a']],
    [30, 'a scalar', header('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4), ['a']],
    [29, 'a tensor of no elements', header('{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}', 0), ['a']],
  ])('fault %i: %s is accepted', async (_, __, bytes, names) => {
    expect([...(await open(bytes)).tensors.keys()]).toEqual(names)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('tensors that cannot be weights are kept apart, and refused when read', async () => {
    const checkpoint = await open(buildSafetensors([A, { name: 'step', dtype: 'I64', shape: [1] }]))
    expect([...checkpoint.tensors.keys()]).toEqual(['a'])
    expect(checkpoint.unreadable.get('step')).toMatchObject({ dtype: 'I64', shape: [1], byteLength: 8 })
    await expect(readTensor(checkpoint, 'step')).rejects.toMatchObject({ code: 'file/dtype' })
    await expect(readTensor(checkpoint, 'none')).rejects.toMatchObject({ code: 'model/missing-tensor' })
  })

  test('a read outside of its tensor is refused', async () => {
    const checkpoint = await open(sound())
    const a = checkpoint.tensors.get('a')
    if (!a) throw new Error('no a')
    expect((await checkpoint.read(a, 4, 4)).length).toBe(4)
    await expect(checkpoint.read(a, 4, 5)).rejects.toThrow(RangeError)
  })

  test('metadata is given', () => {
    const text = new TextEncoder().encode('{"__metadata__":{"format":"pt"}}')
    const { metadata } = parseSafetensorsHeader({ header: text, fileByteLength: 8 + text.length, file: 'm' })
    expect([...metadata]).toEqual([['format', 'pt']])
  })

  test('a header above the cap is refused, one at the cap is not', async () => {
    const bytes = sound()
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const source = createByteSource('m', bytes)
    await expect(openSafetensors(source, { headerCapByteLength: length - 1 })).rejects.toMatchObject({
      code: 'file/header-length',
    })
    expect((await openSafetensors(source, { headerCapByteLength: length })).tensors.size).toBe(2)
  })
})

const whole = sound()
const FAULTS: readonly (readonly [fault: number, what: string, bytes: Uint8Array, code: ErrorCode])[] = [
  [1, 'an empty file', new Uint8Array(0), 'file/empty'],
  [2, 'seven bytes', whole.slice(0, 7), 'file/truncated'],
  [3, 'length 0', sound({ headerLength: 0n }), 'file/header-length'],
  [4, 'length = file + 1', sound({ headerLength: BigInt(whole.length + 1) }), 'file/header-length'],
  [5, 'length 100,000,001', sound({ headerLength: 100_000_001n }), 'file/header-length'],
  [6, 'length 2^63', sound({ headerLength: 2n ** 63n }), 'file/header-length'],
  [6, 'length 2^64 - 1', sound({ headerLength: 2n ** 64n - 1n }), 'file/header-length'],
  [7, 'invalid UTF-8', header(Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d)), 'file/header-encoding'],
  [7, 'a byte order mark', header(`\ufeff{"a":{"${same}}}`), 'file/header-encoding'],
  [8, 'not JSON', header(`x"a":{"${same}}}`), 'file/header-json'],
  [8, 'cut JSON', header(`{"a":{"${same}}`), 'file/header-json'],
  [8, 'JSON cut in a string', header('{"a'), 'file/header-json'],
  [8, 'JSON cut after a backslash', header('{"a\\'), 'file/header-json'],
  [8, 'an unknown escape', header('{"\\x":1}'), 'file/header-json'],
  [8, 'a line break in a string', header('{"a\n":1}'), 'file/header-json'],
  [8, 'a trailing comma', header(`{"a":{"${same}},}`), 'file/header-json'],
  [8, 'a leading zero', raw('"dtype":"F32","shape":[02],"data_offsets":[0,8]'), 'file/header-json'],
  [8, 'half a word', header('{"a":nul}'), 'file/header-json'],
  [8, 'a minus alone', header('{"a":-}'), 'file/header-json'],
  [8, 'spaces only', header('    '), 'file/header-json'],
  [9, 'an array at the top', header('[]'), 'file/header-shape'],
  [9, 'null at the top', header('null'), 'file/header-shape'],
  [9, 'a number at the top', header('7'), 'file/header-shape'],
  [9, 'an entry that is no object', header('{"a":[]}'), 'file/header-shape'],
  [10, 'arrays 100,000 deep', header(deep), 'file/header-depth'],
  [10, 'objects 100,000 deep', header('{"a":'.repeat(100_000)), 'file/header-depth'],
  [11, 'a duplicate tensor', header(`{"a":{"${same}},"a":{"${same}}}`), 'file/duplicate-name'],
  [11, 'a duplicate field', raw(`"${same},"dtype":"F32"`), 'file/duplicate-name'],
  [12, 'a duplicate by escape', header(`{"\\u0061":{"${same}},"a":{"${same}}}`), 'file/duplicate-name'],
  [14, 'metadata with a number', sound({ metadata: { step: 5 } }), 'file/metadata'],
  [14, 'metadata that is a list', header('{"__metadata__":[]}', 0), 'file/metadata'],
  [15, 'a newline after the brace', header(`{"a":{"${same}}}\n`), 'file/trailing-bytes'],
  [15, 'a second object', header(`{"a":{"${same}}}{}`), 'file/trailing-bytes'],
  [15, 'zeros after the brace', header(`{"a":{"${same}}}\0\0`), 'file/trailing-bytes'],
  [17, 'an unknown dtype', entry({ dtype: 'F33' }), 'file/dtype'],
  [17, 'a lower-case dtype', entry({ dtype: 'f32' }), 'file/dtype'],
  [17, 'a dtype named like a property of objects', entry({ dtype: 'constructor' }), 'file/dtype'],
  [17, 'no dtype', entry({ dtype: undefined }), 'file/dtype'],
  [18, 'a shape that is no list', entry({ shape: 2 }), 'file/shape'],
  [18, 'a negative size', entry({ shape: [-2] }), 'file/shape'],
  [18, 'a fraction', entry({ shape: [2.5] }), 'file/shape'],
  [18, 'a size written as a fraction', raw('"dtype":"F32","shape":[2.0],"data_offsets":[0,8]'), 'file/shape'],
  [18, 'a string for a size', entry({ shape: ['2'] }), 'file/shape'],
  [18, 'no shape', entry({ shape: undefined }), 'file/shape'],
  [19, 'a product over 2^53', entry({ shape: [2 ** 30, 2 ** 30] }), 'file/shape'],
  [19, 'a product over every number', entry({ shape: Array(40).fill(2 ** 52) }), 'file/shape'],
  [
    20,
    'a size that overflows',
    entry({ shape: [2 ** 52], data_offsets: [0, Number.MAX_SAFE_INTEGER] }),
    'file/size-mismatch',
  ],
  [21, 'begin after end', entry({ data_offsets: [8, 0] }), 'file/offsets'],
  [22, 'a negative offset', entry({ data_offsets: [-8, 0] }), 'file/offsets'],
  [22, 'a fractional offset', entry({ data_offsets: [0.5, 8.5] }), 'file/offsets'],
  [
    22,
    'an offset over 2^53',
    raw('"dtype":"F32","shape":[2],"data_offsets":[9007199254740993,9007199254741001]'),
    'file/offsets',
  ],
  [22, 'an offset far outside', entry({ data_offsets: [1_000_000_000, 1_000_000_008] }), 'file/offsets'],
  [22, 'three offsets', entry({ data_offsets: [0, 4, 8] }), 'file/offsets'],
  [22, 'no offsets', entry({ data_offsets: undefined }), 'file/offsets'],
  [23, 'an overlap', pair([0, 5], [4, 8], 8), 'file/overlap'],
  [23, 'a tensor inside of another', pair([0, 8], [2, 4], 8), 'file/overlap'],
  [25, 'a hole', pair([0, 3], [4, 8], 8), 'file/hole'],
  [25, 'a hole at the start', entry({ shape: [1], data_offsets: [4, 8] }), 'file/hole'],
  [26, 'bytes after the end', concat([whole, new Uint8Array(1)]), 'file/trailing-bytes'],
  [26, 'a zip after the end', concat([whole, new TextEncoder().encode('PK\x03\x04')]), 'file/trailing-bytes'],
  [27, 'one byte short', whole.slice(0, -1), 'file/truncated'],
  [27, 'half of the data', whole.slice(0, -6), 'file/truncated'],
  [27, 'half of the header', whole.slice(0, 40), 'file/header-length'],
  [28, 'a size that is not shape × dtype', entry({ shape: [3] }), 'file/size-mismatch'],
  [32, 'an unknown field in an entry', entry({ strides: [1] }), 'file/header-shape'],
]

describe('each fault has its code and a sentence', () => {
  test.each(FAULTS)('fault %i: %s', async (_, __, bytes, code) => {
    const error = await open(bytes).then(
      () => 'accepted',
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^m\.safetensors .+: .+\. .+\.$/) })
    expect(String(error).length).toBeLessThan(600)
  })

  test('fault 24: 100,000 tensors on the same bytes are refused in less than a second, and as many sound ones are read', async () => {
    const count = 100_000
    const build = (step: number) => {
      const entries = Array.from(
        { length: count },
        (_, i) => `"blocks.${i}":{"dtype":"U8","shape":[1],"data_offsets":[${i * step},${i * step + 1}]}`,
      )
      return header(`{${entries.join(',')}}`, step * count || 1)
    }
    const [overlapping, good] = [build(0), build(1)]
    const tookMs: number[] = []
    for (let run = 0; run < 3; run++) {
      const start = cpuMs()
      await expect(open(overlapping)).rejects.toMatchObject({ code: 'file/overlap' })
      tookMs.push(cpuMs() - start)
    }
    expect(Math.min(...tookMs)).toBeLessThan(1000) // of three: the first may pay for compiling
    expect((await open(good)).unreadable.size).toBe(count)
  })

  test('2,000 mutations of a sound file are read or give a RwkvError, and touch no prototype', async () => {
    const tensors = Array.from(
      { length: 6 },
      (_, i): TensorToWrite => ({ name: `blocks.${i}.ln1.weight`, dtype: 'F16', shape: [2, 3] }),
    )
    const valid = buildSafetensors(tensors, { metadata: { format: 'pt' } })
    const bytesThatMatter = [...'{}[]",:\\-.0e9 '].map((character) => character.charCodeAt(0))
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...bytesThatMatter))
    const mutation = fc.record({
      at: fc.nat(valid.length - 1),
      remove: fc.constantFrom(0, 1, 1, 1, 7),
      insert: fc.array(byte, { maxLength: 3 }),
    })
    const outcomes = new Set<string>()
    const law = fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (mutations, fixLength) => {
        let bytes = valid
        for (const { at, remove, insert } of mutations) {
          bytes = concat([bytes.subarray(0, at), Uint8Array.from(insert), bytes.subarray(at + remove)])
        }
        // So that a header that grew or shrank is still taken as one.
        const length = Number(new DataView(valid.buffer).getBigUint64(0, true)) + bytes.length - valid.length
        if (fixLength && length > 0 && bytes.length >= 8)
          new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
        try {
          const checkpoint = await open(bytes)
          for (const name of checkpoint.tensors.keys()) await readTensor(checkpoint, name)
          outcomes.add('read')
        } catch (error) {
          if (!isRwkvError(error)) throw error
          outcomes.add(error.code)
        }
      },
    )
    await fc.assert(law, { numRuns: 2000 })
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(outcomes.size).toBeGreaterThan(8)
  }, 20_000)
})
