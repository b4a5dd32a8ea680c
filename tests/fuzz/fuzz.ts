/**
 * @file Mutates sound files of every kind that is read and opens the result: it must be read or refused with a
 * `RwkvError`, in less than a second, and touch no prototype.
 */

import fc from 'fast-check'
import { isRwkvError } from '../../src/core/errors.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { parseShardIndex } from '../../src/file/shards.ts'
import { createBpeTokenizer, parseBpeVocabulary } from '../../src/text/bpe-tokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary, worldVocabularyOf } from '../../src/text/world-tokenizer.ts'
import { tinyBpe } from '../tools/bpe-json.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { buildGguf, type GgufTensorToWrite, text as ggufText, list, RWKV7, u32 } from '../tools/gguf-bytes.ts'
import { buildPth, type PthTensor, pickleOf } from '../tools/pth-bytes.ts'
import { buildSafetensors, concat, type TensorToWrite } from '../tools/safetensors-bytes.ts'
import { worldVocabulary } from '../tools/world-text.ts'

const SAFETENSORS: TensorToWrite[] = Array.from({ length: 4 }, (_, i) => ({
  name: `blocks.${i}.ln1.weight`,
  dtype: i % 2 ? 'F16' : 'BF16',
  shape: [2, 3],
}))
const PTH: PthTensor[] = [
  { name: 'emb.weight', type: 'FloatStorage', shape: [3, 2], data: new Uint8Array(24) },
  { name: 'turned', type: 'BFloat16Storage', shape: [2, 3], strides: [1, 2], data: new Uint8Array(12) },
  { name: 'ln0.weight', type: 'HalfStorage', shape: [1, 1, 4], data: new Uint8Array(8), isParameter: true },
  { name: 'step', type: 'LongStorage', shape: [], data: new Uint8Array(8) },
]
const GGUF: GgufTensorToWrite[] = [
  { name: 'token_embd.weight', type: 8, shape: [2, 32], bytes: new Uint8Array(68) },
  { name: 'blk.0.time_mix_lerp_fused.weight', type: 0, shape: [6, 1, 1, 4], bytes: new Uint8Array(96) },
  { name: 'blk.0.time_mix_r_k.weight', type: 1, shape: [4], bytes: new Uint8Array(8) },
  { name: 'output.weight', type: 14, shape: [1, 256], bytes: new Uint8Array(210) },
]
const text = (value: string) => new TextEncoder().encode(value)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

async function openAndRead(bytes: Uint8Array): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(createByteSource('fuzz', bytes))
  for (const [name, { held, shape }] of checkpoint.tensors) {
    await readTensor(checkpoint, name)
    await held?.read(0, shape[0])
  }
  return checkpoint
}

const header = buildSafetensors(SAFETENSORS)
const headerEnd = 8 + Number(new DataView(header.buffer).getBigUint64(0, true))
const vocabulary = worldVocabulary(["257 'ab' 2", "258 '\\u00e9\\n' 3"])

/** Tokens as GGUF spells them. */
const spelledTokens = [
  '<s>',
  ...Array.from({ length: 256 }, (_, byte) =>
    byte > 32 && byte < 127 && byte !== 92 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ),
  '\\xc3\\xa9 it\\n',
  '[PAD258]',
]

/** What is mutated, and what is done with it. */
const TARGETS: Readonly<Record<string, { readonly seed: Uint8Array; readonly run: (bytes: Uint8Array) => unknown }>> = {
  safetensors: { seed: header, run: openAndRead },
  'safetensors header': {
    seed: header.slice(8, headerEnd),
    run: (bytes) => openAndRead(buildSafetensors(SAFETENSORS, { header: bytes })),
  },
  pth: { seed: buildPth(PTH), run: openAndRead },
  'pth of Python': { seed: buildPth(PTH, { plain: true }), run: openAndRead },
  'pth with zip64': {
    seed: buildPth(PTH, { records: (all) => all.map((record) => ({ ...record, zip64: true })) }),
    run: openAndRead,
  },
  pickle: { seed: pickleOf(PTH, { metadata: true }), run: (bytes) => openAndRead(buildPth(PTH, { pickle: bytes })) },
  gguf: {
    seed: buildGguf(GGUF, {
      metadata: [
        ...RWKV7,
        [
          'tokenizer.ggml.tokens',
          9,
          list(
            8,
            ['<s>', 'a'].map((one) => ggufText(one)),
          ),
        ],
      ],
    }),
    run: openAndRead,
  },
  'gguf with vocabulary': {
    seed: buildGguf(
      [
        { name: 'blk.3.time_mix_output.weight', type: 1, shape: [2, 4], bytes: new Uint8Array(16) },
        { name: 'blk.3.time_mix_lerp_fused.weight', type: 0, shape: [5, 1, 1, 4], bytes: new Uint8Array(80) },
      ],
      {
        metadata: [
          ['general.architecture', 8, ggufText('rwkv6')],
          ['rwkv6.rescale_every_n_layers', 4, u32(2)],
          ['tokenizer.ggml.model', 8, ggufText('rwkv')],
          [
            'tokenizer.ggml.tokens',
            9,
            list(
              8,
              [...spelledTokens].map((one) => ggufText(one)),
            ),
          ],
        ],
      },
    ),
    async run(bytes) {
      const { tokens } = await openAndRead(bytes)
      createWorldTokenizer(worldVocabularyOf(tokens ?? [], 'fuzz')).encode('A text, é.')
    },
  },
  vocabulary: {
    seed: text(vocabulary.slice(-800)), // its end, behind a sound beginning, so that lines stay in order
    run: (bytes) =>
      createWorldTokenizer(parseWorldVocabulary(vocabulary.slice(0, -800) + decode(bytes), 'fuzz')).encode('ab'),
  },
  'tokenizer.json': {
    seed: text(tinyBpe()),
    run: async (bytes) => {
      const tokenizer = await createBpeTokenizer(parseBpeVocabulary(decode(bytes), 'fuzz'), 'fuzz')
      for (const id of tokenizer.encode('he hé  <|endoftext|>    h')) {
        if (!(id >= 0 && id < tokenizer.size)) throw new Error(`id ${id} of ${tokenizer.size}`)
      }
    },
  },
  'shard index': {
    seed: text('{"metadata":{"total_size":9},"weight_map":{"a.b":"model-1.bin","c":"model-2.bin"}}'),
    run: (bytes) => parseShardIndex(decode(bytes), 'fuzz'),
  },
}

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const CHARACTERS = [...'{}[]",:\\-.0e9 \n\'()b'].map((character) => character.charCodeAt(0))
const OPCODES = [...'\x80}])(tqrhjXcQRbsuaeJKMG\x8a\x88\x89N.\x85\x86\x87\x93io\x81\x82\x83\x84'].map((opcode) =>
  opcode.charCodeAt(0),
)

interface Mutation {
  /** Where, as a part of the length. */
  readonly at: number
  readonly remove: number
  readonly insert: readonly number[]
  /** Take the bytes to insert from elsewhere in the file. */
  readonly copyFrom: number | undefined
}

/** Anywhere in the file, the beginning no likelier than the rest. */
const place = fc.noBias(fc.nat(1e9)).map((value) => value / (1e9 + 1))
const byte = fc.oneof(fc.nat(255), fc.constantFrom(...CHARACTERS), fc.constantFrom(...OPCODES))
const wide = fc
  .constantFrom(...NUMBERS)
  .map((value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24])
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    at: place,
    remove: fc.constant(1),
    insert: byte.map((one) => [one]),
    copyFrom: fc.constant(undefined),
  }),
  fc.record({
    at: place,
    remove: fc.constant(4),
    insert: wide,
    copyFrom: fc.constant(undefined),
  }),
  fc.record({
    at: place,
    remove: fc.constantFrom(0, 1, 2, 8, 64),
    insert: fc.array(byte, { maxLength: 6 }),
    copyFrom: fc.option(place, { nil: undefined }),
  }),
)

function mutate(seed: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = seed
  for (const { at, remove, insert, copyFrom } of mutations) {
    const place = Math.floor(at * bytes.length)
    const from = copyFrom === undefined ? undefined : Math.floor(copyFrom * bytes.length)
    const added = from === undefined ? Uint8Array.from(insert) : bytes.slice(from, from + insert.length * 12)
    bytes = concat([bytes.subarray(0, place), added, bytes.subarray(place + remove)])
  }
  return bytes
}

/** How often each outcome came, by target, and the slowest run. */
export interface FuzzReport {
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly slowestMs: number
  readonly runs: number
}

const PROTOTYPES = [Object.prototype, Array.prototype, Map.prototype, Function.prototype, String.prototype]
const names = () => JSON.stringify(PROTOTYPES.map((prototype) => Object.getOwnPropertyNames(prototype)))

/**
 * Run it.
 * @throws what fast-check says of the smallest input that broke a law
 */
export async function fuzz({
  runs,
  seed,
  only = '',
}: {
  runs: number
  seed?: number
  /** What the names of targets begin with. */
  only?: string
}): Promise<FuzzReport> {
  const outcomes: Record<string, Record<string, number>> = {}
  const before = names()
  let slowestMs = 0
  const count = (target: string, outcome: string): void => {
    outcomes[target] ??= {}
    outcomes[target][outcome] = (outcomes[target][outcome] ?? 0) + 1
  }
  const law = fc.asyncProperty(
    fc.constantFrom(...Object.keys(TARGETS).filter((target) => target.startsWith(only))),
    fc.array(mutation, { minLength: 1, maxLength: 4 }),
    async (target, mutations) => {
      const { seed: sound, run } = TARGETS[target]
      const bytes = mutate(sound, mutations)
      const start = cpuMs()
      try {
        await run(bytes)
        count(target, 'read')
      } catch (error) {
        if (!isRwkvError(error)) throw error
        count(target, error.code)
      }
      const tookMs = cpuMs() - start
      slowestMs = Math.max(slowestMs, tookMs)
      if (tookMs > 1000) throw new Error(`${target} took ${tookMs.toFixed(0)} ms of CPU`)
    },
  )
  await fc.assert(law, { numRuns: runs, ...(seed !== undefined && { seed }) })
  if (names() !== before) throw new Error('a prototype was touched')
  return { outcomes, slowestMs, runs }
}
