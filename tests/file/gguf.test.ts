import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ByteSource, createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import {
  type BuildGguf,
  buildGguf,
  type GgufEntry,
  type GgufTensorToWrite,
  list,
  RWKV7,
  text,
  u32,
  u64,
} from '../tools/gguf-bytes.ts'
import { concat } from '../tools/safetensors-bytes.ts'

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const A: GgufTensorToWrite = { name: 'a', type: 0, shape: [2], bytes: floats(1, 2) }
const B: GgufTensorToWrite = { name: 'b', type: 1, shape: [1, 2], bytes: Uint8Array.of(0, 0x42, 0, 0xb8) } // 3, -0.5

const source = (bytes: Uint8Array) => createByteSource('m.gguf', bytes)
const open = (bytes: Uint8Array) => openCheckpoint(source(bytes))
const sound = (options?: BuildGguf) => buildGguf([A, B], options)
const withEntry = (...entries: GgufEntry[]) => sound({ metadata: [...RWKV7, ...entries] })
const withTensor = (fields: Partial<GgufTensorToWrite>) => buildGguf([{ ...A, ...fields }])
const arrayOf = (depth: number): Uint8Array => (depth === 0 ? list(4, []) : list(9, [arrayOf(depth - 1)]))
const architecture = (name: string) => sound({ metadata: [['general.architecture', 8, text(name)]] })

/** Bytes and values of blocks of each type, as PyPI gguf 0.19 decodes them; see tests/golden7/README.md. */
const golden: Record<string, { bytes: string; values: string }> = JSON.parse(
  readFileSync(new URL('../golden7/gguf-blocks.json', import.meta.url), 'utf8'),
)
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))

describe('a sound file', () => {
  test('gives its tensors, outermost axis first, and their values', async () => {
    const checkpoint = await open(sound())
    expect(checkpoint).toMatchObject({ file: 'm.gguf', format: 'gguf' })
    expect([...checkpoint.tensors.values()]).toMatchObject([
      { name: 'a', dtype: 'F32', shape: [2], byteLength: 8 },
      { name: 'b', dtype: 'F16', shape: [1, 2], byteLength: 4 },
    ])
    expect([...(await readTensor(checkpoint, 'a'))]).toEqual([1, 2])
    expect([...(await readTensor(checkpoint, 'b'))]).toEqual([3, -0.5])
  })

  test('may align its tensors otherwise, and hold metadata of every type', async () => {
    const plain = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12].map((type): GgufEntry => {
      const byteLength = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type]
      return [`x.${type}`, type, new Uint8Array(byteLength)]
    })
    const alignment: GgufEntry = ['general.alignment', 4, u32(64)]
    const lists: GgufEntry[] = [
      [
        'tokens',
        9,
        list(
          8,
          Array.from({ length: 65_536 }, (_, id) => text(`token ${id}`)),
        ),
      ],
      ['nested', 9, arrayOf(3)],
      ['long', 8, text('x'.repeat(300_000))],
    ]
    const bytes = sound({ metadata: [...RWKV7, ...plain, alignment, ...lists], alignment: 64 })
    expect([...(await readTensor(await open(bytes), 'b'))]).toEqual([3, -0.5])
  })

  test('is read by its header alone, in few reads', async () => {
    const bytes = buildGguf([{ name: 'a', type: 0, shape: [1 << 20], bytes: new Uint8Array(4 << 20) }])
    const reads: number[] = []
    const counted: ByteSource = {
      ...source(bytes),
      read: (offset, byteLength) => {
        reads.push(byteLength)
        return source(bytes).read(offset, byteLength)
      },
    }
    await openCheckpoint(counted)
    expect(reads.length).toBeLessThan(4)
    expect(Math.max(...reads)).toBeLessThanOrEqual(256 * 1024)
  })

  test('gives mixes one by one, and what r_k weighs with a row a head', async () => {
    const mixes = { name: 'blk.0.time_mix_lerp_fused.weight', type: 0, shape: [6, 1, 1, 4] }
    const values = Array.from({ length: 24 }, (_, i) => i)
    const checkpoint = await open(
      buildGguf([
        { ...mixes, bytes: floats(...values) },
        { name: 'blk.0.time_mix_r_k.weight', type: 0, shape: [4], bytes: floats(1, 2, 3, 4) },
      ]),
    )
    for (const [i, mix] of [...'rwkvag'].entries()) {
      const expected = values.slice(i * 4, i * 4 + 4)
      expect([...(await readTensor(checkpoint, `blk.0.time_mix_lerp_fused.weight.${mix}`))]).toEqual(expected)
    }
    expect(checkpoint.tensors.get('blk.0.time_mix_r_k.weight')?.shape).toEqual([2, 2])
  })
})

describe('blocks', () => {
  test('of nine types have goldens', () => {
    const decoded = [...GGUF_TYPES.values()].filter(({ decode }) => decode)
    expect(decoded.map(({ name }) => name).sort()).toEqual(Object.keys(golden).sort())
  })

  test.each(Object.keys(golden))(
    'of %s have the values of ggml bit for bit, read whole or in any part',
    async (name) => {
      const { bytes, values } = golden[name]
      const [type = -1] = [...GGUF_TYPES].find(([, one]) => one.name === name) ?? []
      const expected = bytesOf(values)
      const checkpoint = await open(
        buildGguf([{ name: 'q', type, shape: [expected.length / 4], bytes: bytesOf(bytes) }]),
      )
      const entry = checkpoint.tensors.get('q')
      expect(entry).toMatchObject({ dtype: 'F32', byteLength: expected.length })
      if (!entry) return
      expect(Buffer.from(await checkpoint.read(entry, 0, expected.length)).equals(expected)).toBe(true)
      for (const [from, to] of [
        [0, 4],
        [124, 132],
        [128, 256],
        [60, expected.length - 4],
      ])
        expect(Buffer.from(await checkpoint.read(entry, from, to - from)).equals(expected.subarray(from, to))).toBe(
          true,
        )
    },
  )

  test('of other types are there, and cannot be read', async () => {
    const checkpoint = await open(buildGguf([{ name: 'q', type: 10, shape: [256], bytes: new Uint8Array(84) }]))
    expect(checkpoint.unreadable.get('q')).toMatchObject({ dtype: 'Q2_K', shape: [256], byteLength: 84 })
  })
})

describe('refused by name', () => {
  test.each<[string, Uint8Array, string, RegExp]>([
    ['version 1', sound({ version: u32(1) }), 'file/unsupported', /version 1; expected 3/],
    ['version 2', sound({ version: u32(2) }), 'file/unsupported', /version 2; expected 3/],
    ['big-endian', sound({ version: Uint8Array.of(0, 0, 0, 3) }), 'file/unsupported', /big-endian/],
    ['a hybrid', architecture('arwkv7'), 'model/unsupported-version', /arwkv7, a hybrid of Qwen/],
    ['another hybrid', architecture('rwkv6qwen2'), 'model/unsupported-version', /rwkv6qwen2, a hybrid of Qwen/],
    ['another model', architecture('llama'), 'model/unsupported-version', /"llama"/],
    ['no architecture', sound({ metadata: [] }), 'model/unsupported-version', /"none"/],
    [
      'a split file',
      withEntry(['split.count', 2, Uint8Array.of(3, 0)]),
      'file/shards',
      /part 1 of 3; expected a whole/,
    ],
  ])('%s', async (_, bytes, code, message) => {
    await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('a damaged file is refused', () => {
  const million = 1_000_000
  test.each<[string, Uint8Array, string]>([
    ['a million entries of metadata', sound({ metadataCount: BigInt(million) }), 'file/metadata'],
    ['2^64 - 1 tensors', sound({ tensorCount: 2n ** 64n - 1n }), 'file/header-shape'],
    ['a text longer than the file', withEntry(['x', 8, text('x', 2n ** 63n)]), 'file/truncated'],
    ['a list longer than a vocabulary', withEntry(['x', 9, list(8, [], 2n ** 40n)]), 'file/metadata'],
    ['a list longer than the file', withEntry(['x', 9, list(4, [], 1n << 20n)]), 'file/truncated'],
    ['lists in lists', withEntry(['x', 9, arrayOf(100)]), 'file/header-depth'],
    ['a type of metadata that does not exist', withEntry(['x', 13, u64(0)]), 'file/metadata'],
    ['a list of one', withEntry(['x', 9, list(99, [])]), 'file/metadata'],
    ['a flag of 2', withEntry(['x', 7, Uint8Array.of(2)]), 'file/metadata'],
    ['metadata twice', withEntry(['x', 4, u32(1)], ['x', 4, u32(1)]), 'file/duplicate-name'],
    ['a text that is not UTF-8', withEntry(['x', 8, Uint8Array.of(...u64(1), 0xff)]), 'file/header-encoding'],
    ['a name without letters', withTensor({ name: '' }), 'file/header-shape'],
    ['a name without end', withTensor({ name: 'n'.repeat(300) }), 'file/header-shape'],
    ['an alignment of 0', withEntry(['general.alignment', 4, u32(0)]), 'file/metadata'],
    ['an alignment of 33', withEntry(['general.alignment', 4, u32(33)]), 'file/metadata'],
    ['a tensor twice', buildGguf([A, A]), 'file/duplicate-name'],
    ['a type that does not exist', withTensor({ type: 4 }), 'file/dtype'],
    ['five axes', withTensor({ shape: [1, 1, 1, 1, 2] }), 'file/shape'],
    ['2^64 elements', withTensor({ shape: [2n ** 32n, 2n ** 32n] }), 'file/shape'],
    ['half a block', withTensor({ type: 8, shape: [2, 16] }), 'file/shape'],
    ['a misaligned tensor', withTensor({ offset: 8n }), 'file/offsets'],
    ['a tensor behind the end', withTensor({ offset: 2n ** 62n }), 'file/offsets'],
    ['a hole', withTensor({ offset: 32n }), 'file/hole'],
    ['tensors over one another', buildGguf([A, { ...B, offset: 0n }]), 'file/overlap'],
    ['a tensor longer than the file', withTensor({ shape: [1 << 20] }), 'file/truncated'],
    ['more behind its end', new Uint8Array([...sound(), ...new Uint8Array(64)]), 'file/trailing-bytes'],
  ])('for %s', async (_, bytes, code) => {
    const before = cpuMs()
    await expect(open(bytes)).rejects.toMatchObject({ code })
    expect(cpuMs() - before).toBeLessThan(1000)
  })

  test('cut anywhere', async () => {
    const bytes = sound()
    const end = bytes.length - 28 // what follows is the last tensor's padding
    for (let length = 8; length < end; length++)
      await expect(open(bytes.slice(0, length)), `${length} bytes`).rejects.toMatchObject({ code: 'file/truncated' })
  })

  test('for metadata that goes on for megabytes', async () => {
    const texts = concat([u32(8), u64(1 << 20), new Uint8Array(8 << 20)]) // a million empty ones
    const entries = Array.from({ length: 3 }, (_, i): GgufEntry => [`x${i}`, 9, texts])
    const bytes = withEntry(...entries)
    const before = cpuMs()
    await expect(open(bytes)).rejects.toMatchObject({ code: 'file/header-length' })
    expect(cpuMs() - before).toBeLessThan(1000)
  })
})
