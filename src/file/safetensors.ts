/**
 * @file The safetensors format: u64 little-endian header length, JSON header (tensor -> dtype, shape, offsets), data.
 * Nothing in the header is believed before it is checked, and nothing is allocated by its word. Source: the format's
 * description, github.com/huggingface/safetensors; where we are stricter it says so.
 */

import { type ErrorCode, RwkvError } from '../core/errors.ts'
import { type ByteSource, withReadAhead } from './byte-source.ts'
import { isJsonObject, parseStrictJson, quote, type StrictJson, type StrictJsonObject } from './strict-json.ts'
import { type Checkpoint, checkInside, isReadable, type TensorEntry, type UnreadableTensor } from './tensor.ts'

const LENGTH_BYTES = 8
const HEADER_CAP = 16 * 1024 * 1024
const MAX_DEPTH = 8 // a sound header nests 3 deep

/** Bits of an element, for every dtype of the format. */
const BITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
    ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, I16: 16, U16: 16, F16: 16, BF16: 16 },
    ...{ I32: 32, U32: 32, F32: 32, I64: 64, U64: 64, F64: 64, C64: 64 },
  }),
)

/** What a header says, checked. Offsets are absolute. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly unreadable: ReadonlyMap<string, UnreadableTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/** What `parseSafetensorsHeader` takes. */
export interface ParseSafetensorsHeader {
  /** The JSON, without the eight bytes of its length. */
  readonly header: Uint8Array
  /** Of the whole file, to check the offsets against. */
  readonly fileByteLength: number
  /** Name, for messages. */
  readonly file: string
}

/** A checkpoint with what its header says besides tensors. */
export interface SafetensorsCheckpoint extends Checkpoint {
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Read the table of tensors; reads the header only.
 * @throws RwkvError `file/empty`, `file/truncated`, `file/header-length` and all of `parseSafetensorsHeader`.
 */
export async function openSafetensors(
  source: ByteSource,
  { headerCapByteLength = HEADER_CAP }: { readonly headerCapByteLength?: number } = {},
): Promise<SafetensorsCheckpoint> {
  const { name: file, byteLength } = source
  const fail = failing(file)
  if (byteLength === 0) throw fail('file/empty', 'the file is empty', 'Download it again')
  if (byteLength < LENGTH_BYTES) {
    throw fail('file/truncated', `the file has ${byteLength} bytes; expected at least ${LENGTH_BYTES}`)
  }
  const lengthBytes = await source.read(0, LENGTH_BYTES)
  const headerLength = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true)
  const room = Math.min(headerCapByteLength, byteLength - LENGTH_BYTES)
  if (headerLength === 0n || headerLength > BigInt(room)) {
    throw fail(
      'file/header-length',
      `the header is said to have ${headerLength} bytes; expected 1 to ${room} (of a file of ${byteLength} bytes)`,
      'It is not safetensors or was cut short: download it again',
    )
  }
  const header = await source.read(LENGTH_BYTES, Number(headerLength))
  const { tensors, unreadable, metadata } = parseSafetensorsHeader({ header, fileByteLength: byteLength, file })
  const ahead = withReadAhead(source)
  return {
    file,
    metadata,
    byteLength,
    format: 'safetensors',
    tensors,
    unreadable,
    async read(tensor, byteOffset, length) {
      checkInside(tensor, byteOffset, length)
      return ahead.read(tensor.offset + byteOffset, length)
    },
  }
}

/**
 * Parse and check the header of a safetensors file: pure, linear (but for one sort) in its length. Tensors must cover the
 * data exactly, without overlap or hole. Stricter than the format's own reader: an entry may have no other fields than
 * `dtype`, `shape` and `data_offsets`, since a field we do not know may change what the bytes mean. Looser: white space
 * may stand before the opening brace.
 * @throws RwkvError `file/header-encoding`, `file/header-json`, `file/header-depth`, `file/header-shape`,
 * `file/duplicate-name`, `file/metadata`, `file/dtype`, `file/shape`, `file/offsets`, `file/size-mismatch`,
 * `file/overlap`, `file/hole`, `file/truncated`, `file/trailing-bytes`.
 */
export function parseSafetensorsHeader({ header, fileByteLength, file }: ParseSafetensorsHeader): SafetensorsHeader {
  const fail = failing(file)
  const entries = parseJson(header, fail)
  const dataOffset = LENGTH_BYTES + header.length
  let metadata: ReadonlyMap<string, string> = new Map()
  const all: (TensorEntry | UnreadableTensor)[] = []
  for (const [name, value] of entries) {
    if (name === '__metadata__') metadata = checkMetadata(value, fail)
    else all.push(checkEntry({ name, value, dataOffset, fail }))
  }
  checkLayout(all, { dataOffset, fileByteLength, fail })

  const tensors = new Map<string, TensorEntry>()
  const unreadable = new Map<string, UnreadableTensor>()
  for (const entry of all) {
    if (isReadable(entry)) tensors.set(entry.name, entry)
    else unreadable.set(entry.name, entry)
  }
  return { tensors, unreadable, metadata }
}

type Fail = (code: ErrorCode, found: string, advice?: string) => RwkvError

function failing(file: string): Fail {
  return (code, found, advice = 'Download the file again, or take it from its source') =>
    new RwkvError(code, `${file} is not a sound safetensors file: ${found}. ${advice}.`)
}

function parseJson(header: Uint8Array, fail: Fail): StrictJsonObject {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header)
  } catch {
    throw fail('file/header-encoding', 'its header is not valid UTF-8')
  }
  if (text.startsWith('\ufeff'))
    throw fail('file/header-encoding', 'its header begins with a byte order mark; expected "{"')
  const { value, end } = parseStrictJson(text, {
    maxDepth: MAX_DEPTH,
    fail: (code, found) => fail(code, `in its header ${found}`),
  })
  if (!isJsonObject(value)) {
    throw fail('file/header-shape', `its header is ${quote(value)}; expected an object of tensors`)
  }
  const rest = /[^ ]/.exec(text.slice(end))
  if (rest) {
    throw fail('file/trailing-bytes', `after its header's closing brace stands ${quote(rest[0])}; expected only spaces`)
  }
  return value
}

function checkMetadata(value: StrictJson, fail: Fail): ReadonlyMap<string, string> {
  if (!isJsonObject(value))
    throw fail('file/metadata', `__metadata__ is ${quote(value)}; expected an object of strings`)
  const metadata = new Map<string, string>()
  for (const [key, text] of value) {
    if (typeof text !== 'string') {
      throw fail('file/metadata', `__metadata__ has ${quote(text)} under ${quote(key)}; expected a string`)
    }
    metadata.set(key, text)
  }
  return metadata
}

interface CheckEntry {
  readonly name: string
  readonly value: StrictJson
  readonly dataOffset: number
  readonly fail: Fail
}

function checkEntry({ name, value, dataOffset, fail: failFile }: CheckEntry): TensorEntry | UnreadableTensor {
  const fail = (code: ErrorCode, found: string) => failFile(code, `tensor ${quote(name)} ${found}`)
  if (!isJsonObject(value)) {
    throw fail('file/header-shape', `is ${quote(value)}; expected an object of dtype, shape and data_offsets`)
  }
  for (const field of value.keys()) {
    if (field !== 'dtype' && field !== 'shape' && field !== 'data_offsets') {
      throw fail('file/header-shape', `has a field ${quote(field)}; expected only dtype, shape and data_offsets`)
    }
  }
  const dtype = value.get('dtype')
  const bits = typeof dtype === 'string' ? BITS.get(dtype) : undefined
  if (typeof dtype !== 'string' || bits === undefined) {
    throw fail('file/dtype', `has dtype ${quote(dtype)}; expected F32, F16, BF16 or another of the format's`)
  }

  const shape = value.get('shape')
  if (!isIntegerList(shape)) {
    throw fail('file/shape', `has shape ${quote(shape)}; expected a list of integers from 0 to 2^53 - 1`)
  }
  let elements = 1
  for (const size of shape) elements *= size
  if (!Number.isSafeInteger(elements)) {
    throw fail('file/shape', `has shape ${quote(shape)}, over 2^53 elements; expected one that fits the file`)
  }

  const offsets = value.get('data_offsets')
  if (!isIntegerList(offsets) || offsets.length !== 2) {
    throw fail('file/offsets', `has data_offsets ${quote(offsets)}; expected two integers from 0 to 2^53 - 1`)
  }
  const [begin, end] = offsets as readonly [number, number]
  if (begin > end) throw fail('file/offsets', `begins at ${begin}, after its end ${end}`)
  if (elements * bits !== (end - begin) * 8) {
    throw fail(
      'file/size-mismatch',
      `takes ${(elements * bits) / 8} bytes as ${dtype} ${quote(shape)}, but its data_offsets [${begin}, ${end}] span ${end - begin}`,
    )
  }
  return { name, dtype, shape, offset: dataOffset + begin, byteLength: end - begin }
}

function isIntegerList(value: StrictJson | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

interface CheckLayout {
  readonly dataOffset: number
  readonly fileByteLength: number
  readonly fail: Fail
}

/** In the order of their offsets the tensors must follow one another from the data's first byte to the file's last. */
function checkLayout(all: readonly UnreadableTensor[], { dataOffset, fileByteLength, fail }: CheckLayout): void {
  const inOrder = all.toSorted((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)
  let expected = dataOffset
  let previous: UnreadableTensor | undefined
  for (const tensor of inOrder) {
    if (tensor.offset !== expected) {
      const found = `tensor ${quote(tensor.name)} begins at byte ${tensor.offset} of the file`
      const before = previous ? `tensor ${quote(previous.name)}` : 'the header'
      if (tensor.offset < expected)
        throw fail('file/overlap', `${found}, inside of ${before}, which ends at ${expected}`)
      if (tensor.offset > fileByteLength) throw fail('file/offsets', `${found}, which has only ${fileByteLength}`)
      throw fail('file/hole', `${found}, but ${before} ends at ${expected}`)
    }
    expected += tensor.byteLength
    previous = tensor
  }
  if (expected > fileByteLength) {
    throw fail(
      'file/truncated',
      `it has ${fileByteLength} bytes; expected ${expected} by its header`,
      'Download it again',
    )
  }
  if (expected < fileByteLength) {
    throw fail(
      'file/trailing-bytes',
      `${fileByteLength - expected} bytes follow its last tensor, which ends at ${expected}`,
    )
  }
}
