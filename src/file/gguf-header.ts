/**
 * @file The header of a GGUF file: counts, metadata (typed values, of which the plain ones are kept), the table of tensors.
 * Nothing in it is believed before it is checked, and nothing is allocated by its word. Pure. Source: docs/gguf.md of ggml.
 */

import { type ErrorCode, RwkvError } from '../core/errors.ts'
import { GGUF_TYPES, type GgufType } from './gguf-blocks.ts'
import { quote } from './strict-json.ts'

const MOST_METADATA = 4096 //       a real file has some 40
const MOST_TENSORS = 65_536 //      and a model of 61 layers 2,400
const MOST_ITEMS = 1 << 20 //       an array as long as a vocabulary, or as its merges
const MOST_KEPT = 4096 //           characters of a text; longer ones, such as templates, nobody asks for
const MOST_NESTING = 4
const NAME_BYTES = 256
const MOST_AXES = 4
const MOST_ALIGNMENT = 1 << 16

/** A tensor as the header has it, sizes checked. */
export interface GgufTensor {
  readonly name: string
  readonly type: GgufType
  /** Outermost first, as everywhere here; the file has it the other way round. */
  readonly shape: readonly number[]
  /** Absolute, in the file. */
  readonly offset: number
  readonly byteLength: number
}

/** What a header says, checked. */
export interface GgufHeader {
  /** Numbers, flags and texts; not arrays. */
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** Tokens of its vocabulary, as they are spelled. */
  readonly tokens: readonly string[] | undefined
  /** In the order of their places. */
  readonly tensors: readonly GgufTensor[]
}

/** A value of the metadata that is kept. */
export type GgufValue = string | number | boolean

/** What `parseGgufHeader` takes. */
export interface ParseGgufHeader {
  /** The file from its first byte on, at least 8. */
  readonly bytes: Uint8Array
  /** Of the whole file, to check places against. */
  readonly fileByteLength: number
  readonly file: string
}

/** Thrown where a header goes on behind the bytes there are. */
class Cut extends Error {}

type Fail = (code: ErrorCode, found: string) => RwkvError

/**
 * Parse and check a header. Stricter than ggml: tensors must follow one another with no more between them than the padding.
 * @returns undefined if the header goes on behind `bytes`
 * @throws RwkvError `file/unsupported` for versions 1, 2 and unknown ones and for big-endian files, `file/header-encoding`,
 * `file/header-shape`, `file/header-depth`, `file/metadata`, `file/duplicate-name`, `file/dtype`, `file/shape`,
 * `file/offsets`, `file/overlap`, `file/hole`, `file/truncated`, `file/trailing-bytes`.
 */
export function parseGgufHeader({ bytes, fileByteLength, file }: ParseGgufHeader): GgufHeader | undefined {
  const fail: Fail = (code, found) =>
    new RwkvError(code, `${file} is not a sound GGUF file: ${found}. Download it again, or take it from its source.`)
  const from = createReader({ bytes, fileByteLength, fail })
  try {
    from.skip(4) // GGUF
    checkVersion(from.u32(), file)
    const tensorCount = from.count(MOST_TENSORS, 'tensors', 'file/header-shape')
    const { metadata, tokens } = readMetadata(from, fail)
    const alignment = alignmentOf(metadata, fail)
    const relative = readTensors(from, tensorCount, fail)
    const dataOffset = Math.ceil(from.at() / alignment) * alignment
    const tensors = relative.map((tensor) => ({ ...tensor, offset: dataOffset + tensor.offset }))
    return { metadata, tokens, tensors: checkLayout(tensors, { dataOffset, alignment, fileByteLength, fail }) }
  } catch (error) {
    if (error instanceof Cut) return undefined
    throw error
  }
}

function checkVersion(version: number, file: string): void {
  if (version === 3) return
  const is =
    version << 8 === 0 && version !== 0
      ? 'a big-endian GGUF file; expected a little-endian one. Convert the model on another machine, or take one that was'
      : `a GGUF file of version ${version}; expected 3, which converters have written since 2023. Take a newer copy`
  throw new RwkvError('file/unsupported', `${file} is ${is}.`)
}

type Reader = ReturnType<typeof createReader>

/** Little-endian values, one after another. */
function createReader({ bytes, fileByteLength, fail }: { bytes: Uint8Array; fileByteLength: number; fail: Fail }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let at = 0
  /** Go on by so many bytes; where they begin. */
  const skip = (byteLength: number) => {
    if (byteLength > fileByteLength - at)
      throw fail('file/truncated', `its header goes on to byte ${at + byteLength} of ${fileByteLength}`)
    if (byteLength > bytes.length - at) throw new Cut()
    at += byteLength
    return at - byteLength
  }
  const u64 = () => Number(view.getBigUint64(skip(8), true))
  return {
    view,
    skip,
    u64,
    at: () => at,
    u32: () => view.getUint32(skip(4), true),
    count(most: number, what: string, code: ErrorCode) {
      const count = u64()
      if (count <= most) return count
      throw fail(code, `it is said to have ${count} ${what}; expected at most ${most}`)
    },
    text(byteLength: number) {
      const start = skip(byteLength)
      try {
        return decoder.decode(bytes.subarray(start, at))
      } catch {
        throw fail('file/header-encoding', `a text at byte ${start} is not valid UTF-8`)
      }
    },
  }
}

function readName(from: Reader, what: string, fail: Fail): string {
  const byteLength = from.u64()
  if (byteLength > 0 && byteLength <= NAME_BYTES) return from.text(byteLength)
  throw fail('file/header-shape', `${what} has a name of ${byteLength} bytes; expected 1 to ${NAME_BYTES}`)
}

/** Bytes and reader of each type of plain values. */
const PLAIN: ReadonlyMap<number, readonly [byteLength: number, (view: DataView, at: number) => number]> = new Map([
  [0, [1, (view, at) => view.getUint8(at)]],
  [1, [1, (view, at) => view.getInt8(at)]],
  [2, [2, (view, at) => view.getUint16(at, true)]],
  [3, [2, (view, at) => view.getInt16(at, true)]],
  [4, [4, (view, at) => view.getUint32(at, true)]],
  [5, [4, (view, at) => view.getInt32(at, true)]],
  [6, [4, (view, at) => view.getFloat32(at, true)]],
  [7, [1, (view, at) => view.getUint8(at)]],
  [10, [8, (view, at) => Number(view.getBigUint64(at, true))]],
  [11, [8, (view, at) => Number(view.getBigInt64(at, true))]],
  [12, [8, (view, at) => view.getFloat64(at, true)]],
])
const BOOL = 7
const STRING = 8
const ARRAY = 9

const TOKENS = 'tokenizer.ggml.tokens'

function readMetadata(from: Reader, fail: Fail): Pick<GgufHeader, 'metadata' | 'tokens'> {
  const count = from.count(MOST_METADATA, 'entries of metadata', 'file/metadata')
  const metadata = new Map<string, GgufValue>()
  let tokens: readonly string[] | undefined
  const seen = new Set<string>()
  for (let i = 0; i < count; i++) {
    const key = readName(from, `entry ${i} of its metadata`, fail)
    if (seen.has(key)) throw fail('file/duplicate-name', `its metadata has ${quote(key)} twice`)
    seen.add(key)
    const type = from.u32()
    if (key === TOKENS && type === ARRAY) {
      tokens = readTokens(from, fail)
      continue
    }
    const value = readValue(from, type, { key, fail, depth: 0 })
    if (value !== undefined) metadata.set(key, value)
  }
  return { metadata, tokens }
}

/** An array of texts. */
function readTokens(from: Reader, fail: Fail): readonly string[] {
  const type = from.u32()
  if (type !== STRING) throw fail('file/metadata', `${TOKENS} has items of type ${type}; expected ${STRING}, texts`)
  const tokens: string[] = []
  const count = from.count(MOST_ITEMS, `items in ${TOKENS}`, 'file/metadata')
  while (tokens.length < count) tokens.push(from.text(from.u64()))
  return tokens
}

/** A plain value or a text; what is not kept is passed over. */
function readValue(
  from: Reader,
  type: number,
  { key, fail, depth }: { key: string; fail: Fail; depth: number },
): GgufValue | undefined {
  const plain = PLAIN.get(type)
  if (plain) {
    const [byteLength, read] = plain
    const value = read(from.view, from.skip(byteLength))
    if (type !== BOOL) return value
    if (value > 1) throw fail('file/metadata', `${quote(key)} is the flag ${value}; expected 0 or 1`)
    return value === 1
  }
  if (type === STRING) {
    const byteLength = from.u64()
    if (depth === 0 && byteLength <= MOST_KEPT) return from.text(byteLength)
    from.skip(byteLength)
    return undefined
  }
  if (type !== ARRAY) throw fail('file/metadata', `${quote(key)} has type ${type}; expected one of 0 to 12`)
  if (depth === MOST_NESTING) throw fail('file/header-depth', `${quote(key)} nests over ${MOST_NESTING} arrays deep`)
  const itemType = from.u32()
  const count = from.count(MOST_ITEMS, `items in ${quote(key)}`, 'file/metadata')
  const item = PLAIN.get(itemType)
  if (item) from.skip(item[0] * count)
  else if (count === 0 && itemType !== STRING && itemType !== ARRAY) readValue(from, itemType, { key, fail, depth })
  else for (let i = 0; i < count; i++) readValue(from, itemType, { key, fail, depth: depth + 1 })
  return undefined
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>, fail: Fail): number {
  const alignment = metadata.get('general.alignment') ?? 32
  const isPower = typeof alignment === 'number' && alignment > 0 && (alignment & (alignment - 1)) === 0
  if (isPower && alignment >= 8 && alignment <= MOST_ALIGNMENT) return alignment
  throw fail(
    'file/metadata',
    `general.alignment is ${quote(alignment)}; expected a power of two from 8 to ${MOST_ALIGNMENT}`,
  )
}

/** The table, with offsets as the file has them. */
function readTensors(from: Reader, count: number, fail: Fail): readonly GgufTensor[] {
  const tensors = new Map<string, GgufTensor>()
  for (let i = 0; i < count; i++) {
    const name = readName(from, `tensor ${i}`, fail)
    const failTensor: Fail = (code, found) => fail(code, `tensor ${quote(name)} ${found}`)
    if (tensors.has(name)) throw failTensor('file/duplicate-name', 'is there twice')
    const axes = from.u32()
    if (axes > MOST_AXES) throw failTensor('file/shape', `has ${axes} axes; expected at most ${MOST_AXES}`)
    const shape = Array.from({ length: axes }, () => from.u64()).reverse()
    tensors.set(name, { name, shape, ...sizeOf({ shape, id: from.u32(), fail: failTensor }), offset: from.u64() })
  }
  return [...tensors.values()]
}

function sizeOf({ shape, id, fail }: { shape: readonly number[]; id: number; fail: Fail }) {
  const type = GGUF_TYPES.get(id)
  if (!type) throw fail('file/dtype', `has type ${id}, which is none; expected F32, F16, BF16 or a quantised one`)
  const elements = shape.reduce((product, size) => product * size, 1)
  if (![...shape, elements * 4].every(Number.isSafeInteger))
    throw fail('file/shape', `has shape (${shape.join(', ')}), over 2^51 elements; expected one that fits the file`)
  if ((shape.at(-1) ?? 1) % type.values !== 0)
    throw fail(
      'file/shape',
      `has rows of ${shape.at(-1)} values; expected blocks of ${type.values}, as ${type.name} has`,
    )
  return { type, byteLength: (elements / type.values) * type.bytes }
}

interface CheckLayout {
  readonly dataOffset: number
  readonly alignment: number
  readonly fileByteLength: number
  readonly fail: Fail
}

/** In the order of their places tensors must follow one another, each at the next aligned place, up to the file's end. */
function checkLayout(all: readonly GgufTensor[], { dataOffset, alignment, fileByteLength, fail }: CheckLayout) {
  const inOrder = all.toSorted((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)
  let end = dataOffset
  for (const { name, offset, byteLength } of inOrder) {
    const found = `tensor ${quote(name)} begins at byte ${offset - dataOffset} of the data`
    if ((offset - dataOffset) % alignment !== 0)
      throw fail('file/offsets', `${found}; expected a multiple of ${alignment}`)
    if (offset < end) throw fail('file/overlap', `${found}, inside of the tensor before it`)
    if (offset - end >= alignment) {
      if (offset > fileByteLength) throw fail('file/offsets', `${found}, behind the file's ${fileByteLength} bytes`)
      throw fail('file/hole', `${found}, but what is before it ends at ${end - dataOffset}`)
    }
    end = offset + byteLength
  }
  if (inOrder.length > 0 && end > fileByteLength)
    throw fail('file/truncated', `it has ${fileByteLength} bytes; expected ${end} by its header`)
  if (fileByteLength - end >= alignment)
    throw fail('file/trailing-bytes', `${fileByteLength - end} bytes follow its last tensor`)
  return inOrder
}
