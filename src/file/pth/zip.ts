/**
 * @file The directory of a zip archive as PyTorch writes one: STORED records, one after another without a gap, zip64 where
 * sizes need it. An archive can say two things about itself (directory and local headers); whatever says two different
 * things is refused. Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3 to 4.5.
 */

import { type ErrorCode, RwkvError } from '../../core/errors.ts'
import type { ByteSource } from '../byte-source.ts'

/** A file in the archive; its bytes lie in the archive as they are. */
export interface ZipRecord {
  readonly name: string
  /** Absolute, of the data. */
  readonly offset: number
  readonly byteLength: number
  /**
   * Compare its local header with the directory, once: to be awaited before its data is used. It lies in front of the data.
   * @throws RwkvError `file/zip`, `file/network`
   */
  check(read: ByteSource['read']): Promise<void>
}

/** A record by the central directory, before its local header was seen. */
interface DirectoryEntry {
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly crc: number
  readonly byteLength: number
  readonly headerOffset: number
  readonly isZip64: boolean
}

type Fail = (code: ErrorCode, found: string) => RwkvError

const END_BYTES = 22
const END64_BYTES = 56
const LOCATOR_BYTES = 20
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const DIRECTORY_CAP = 16 * 1024 * 1024
const MOST_RECORDS = 100_000

const END = 0x06054b50
const END64 = 0x06064b50
const LOCATOR = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50

const IN_DESCRIPTOR = 1 << 3 // flag: sizes and checksum follow the data
const ALLOWED_FLAGS = IN_DESCRIPTOR | (1 << 11) // and names in UTF-8
const LIMIT32 = 0xffffffff
const LIMIT16 = 0xffff

/**
 * Read and check the directory, which says where all data lies; reads nothing else. Local headers are checked by who reads
 * the data behind them: they lie all over the file, and to fetch each by itself takes a second or more for a large model.
 * @throws RwkvError `file/truncated`, `file/zip`, `file/zip-method` (compressed or encrypted), `file/overlap`, `file/hole`,
 * `file/duplicate-name`, `file/network`.
 */
export async function openZip(source: ByteSource): Promise<ReadonlyMap<string, ZipRecord>> {
  const fail: Fail = (code, found) =>
    new RwkvError(
      code,
      `${source.name} is not a sound .pth archive: ${found}. Download it again, or save it again with torch.save.`,
    )
  const { entries, directoryOffset } = await readDirectory(source, fail)
  const inOrder = entries.toSorted((a, b) => a.headerOffset - b.headerOffset)
  if ((inOrder[0]?.headerOffset ?? 0) !== 0) throw fail('file/zip', 'bytes stand before its first record')
  const records = new Map<string, ZipRecord>()
  for (const [index, entry] of inOrder.entries()) {
    const { name, byteLength } = entry
    const offset = place(entry, inOrder[index + 1]?.headerOffset ?? directoryOffset, fail)
    if (records.has(name)) throw fail('file/duplicate-name', `record ${show(name)} stands twice`)
    let isChecked = false
    records.set(name, {
      name,
      offset,
      byteLength,
      async check(read) {
        if (isChecked) return
        checkLocalHeader(await read(entry.headerOffset, offset - entry.headerOffset), entry, fail)
        isChecked = true
      },
    })
  }
  return records
}

async function readDirectory(source: ByteSource, fail: Fail) {
  const { byteLength } = source
  const tailLength = Math.min(byteLength, END_BYTES + LOCATOR_BYTES + END64_BYTES)
  const tail = viewOf(await source.read(byteLength - tailLength, tailLength))
  const endAt = tailLength - END_BYTES
  if (endAt < 0 || tail.getUint32(endAt, true) !== END || tail.getUint16(endAt + 20, true) !== 0) {
    throw fail('file/truncated', 'it does not end with the end record of an archive, so it was cut short or added to')
  }
  if (tail.getUint32(endAt + 4, true) !== 0) throw fail('file/zip', 'it is one of several volumes')
  let count = tail.getUint16(endAt + 10, true)
  let length = tail.getUint32(endAt + 12, true)
  let offset = tail.getUint32(endAt + 16, true)
  let directoryEnd = byteLength - END_BYTES
  if (tail.getUint16(endAt + 8, true) !== count) throw fail('file/zip', 'its end record gives two counts of records')

  const locatorAt = endAt - LOCATOR_BYTES
  const end64At = locatorAt - END64_BYTES
  if (locatorAt >= 0 && tail.getUint32(locatorAt, true) === LOCATOR) {
    const end64Offset = byteLength - tailLength + end64At
    const isWhere = tail.getBigUint64(locatorAt + 8, true) === BigInt(end64Offset)
    if (end64At < 0 || !isWhere || tail.getUint32(end64At, true) !== END64) {
      throw fail('file/zip', 'its zip64 locator does not point to the zip64 end record before it')
    }
    const wide = (at: number): number => {
      const value = tail.getBigUint64(end64At + at, true)
      if (value > BigInt(byteLength))
        throw fail('file/zip', `its zip64 end record says ${value}, more than the file has`)
      return Number(value)
    }
    if (wide(4) !== END64_BYTES - 12) throw fail('file/zip', 'its zip64 end record is longer than PyTorch writes it')
    if (tail.getUint32(end64At + 16, true) !== 0 || tail.getUint32(end64At + 20, true) !== 0) {
      throw fail('file/zip', 'it is one of several volumes')
    }
    const agrees = (narrow: number, wideValue: number, limit: number) => narrow === wideValue || narrow === limit
    const isTold =
      wide(24) === wide(32) &&
      agrees(count, wide(32), LIMIT16) &&
      agrees(length, wide(40), LIMIT32) &&
      agrees(offset, wide(48), LIMIT32)
    if (!isTold) throw fail('file/zip', 'its zip64 end record and its end record disagree')
    count = wide(32)
    length = wide(40)
    offset = wide(48)
    directoryEnd = end64Offset
  }
  if (offset + length !== directoryEnd) {
    throw fail(
      'file/zip',
      `its directory is said to span bytes ${offset} to ${offset + length}, but the end record begins at ${directoryEnd}`,
    )
  }
  if (length > DIRECTORY_CAP || count > MOST_RECORDS || count * ENTRY_BYTES > length) {
    throw fail('file/zip', `its directory is said to have ${count} records in ${length} bytes`)
  }
  const bytes = await source.read(offset, length)
  return { entries: parseDirectory(bytes, { count, directoryOffset: offset, fail }), directoryOffset: offset }
}

function parseDirectory(
  bytes: Uint8Array,
  { count, directoryOffset, fail }: { count: number; directoryOffset: number; fail: Fail },
): DirectoryEntry[] {
  const view = viewOf(bytes)
  const entries: DirectoryEntry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY) {
      throw fail('file/zip', `its directory has no entry ${i} of ${count}`)
    }
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const end = at + ENTRY_BYTES + nameLength + extraLength + view.getUint16(at + 32, true)
    if (end > bytes.length) throw fail('file/zip', `entry ${i} of its directory runs over the directory's end`)
    const nameBytes = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength)
    const name = decodeName(nameBytes, fail)
    const flags = view.getUint16(at + 8, true)
    if (flags & 1) throw fail('file/zip-method', `record ${show(name)} is encrypted; expected plain bytes`)
    if (flags & ~ALLOWED_FLAGS) throw fail('file/zip-method', `record ${show(name)} has flags 0x${flags.toString(16)}`)
    const method = view.getUint16(at + 10, true)
    if (method !== 0) {
      throw fail(
        'file/zip-method',
        `record ${show(name)} is compressed (method ${method}); expected it stored as it is`,
      )
    }
    const extra = bytes.subarray(at + ENTRY_BYTES + nameLength, at + ENTRY_BYTES + nameLength + extraLength)
    const narrow = [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ] as const
    const { values, isZip64 } = widen(narrow, extra, () => fail('file/zip', `the zip64 sizes of ${show(name)} are cut`))
    const [byteLength = 0, compressed = 0, headerOffset = 0] = values
    if (byteLength !== compressed) throw fail('file/zip', `stored record ${show(name)} has two sizes`)
    if (headerOffset + LOCAL_BYTES + byteLength > directoryOffset) {
      throw fail(
        'file/zip',
        `record ${show(name)} of ${byteLength} bytes at ${headerOffset} does not lie before the directory`,
      )
    }
    entries.push({ name, nameBytes, flags, crc: view.getUint32(at + 16, true), byteLength, headerOffset, isZip64 })
    at = end
  }
  if (at !== bytes.length) throw fail('file/zip', `${bytes.length - at} bytes follow the entries of its directory`)
  return entries
}

/** Values of 32 bits, replaced by those of the zip64 extra field where they are at their limit. */
function widen(narrow: readonly number[], extra: Uint8Array, failCut: () => RwkvError) {
  let field: DataView | undefined
  for (let at = 0; at + 4 <= extra.length; ) {
    const view = viewOf(extra)
    const length = view.getUint16(at + 2, true)
    if (at + 4 + length > extra.length) throw failCut()
    if (view.getUint16(at, true) === 1) {
      if (field) throw failCut()
      field = viewOf(extra.subarray(at + 4, at + 4 + length))
    }
    at += 4 + length
  }
  let next = 0
  const values = narrow.map((value) => {
    if (value !== LIMIT32) return value
    if (!field || next + 8 > field.byteLength) throw failCut()
    const wide = field.getBigUint64(next, true)
    next += 8
    if (wide > BigInt(Number.MAX_SAFE_INTEGER)) throw failCut()
    return Number(wide)
  })
  return { values, isZip64: field !== undefined }
}

/** Where the data must lie, if the record fills the room up to `end` as it should. */
function place(entry: DirectoryEntry, end: number, fail: Fail): number {
  const descriptor = entry.flags & IN_DESCRIPTOR ? (entry.isZip64 ? 24 : 16) : 0
  const offset = end - descriptor - entry.byteLength
  if (offset < entry.headerOffset + LOCAL_BYTES + entry.nameBytes.length) {
    throw fail('file/overlap', `record ${show(entry.name)} runs into what follows it`)
  }
  if (offset - entry.headerOffset > LOCAL_BYTES + 2 * LIMIT16) {
    throw fail('file/hole', `bytes that belong to no record follow the one before ${show(entry.name)}`)
  }
  return offset
}

/** The local header must repeat the directory and end where the data begins. */
function checkLocalHeader(bytes: Uint8Array, entry: DirectoryEntry, fail: Fail): void {
  const disagree = (what: string) =>
    fail('file/zip', `directory and local header disagree about ${what} of record ${show(entry.name)}`)
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== LOCAL) throw disagree('the place')
  if (view.getUint16(6, true) !== entry.flags) throw disagree('the flags')
  if (view.getUint16(8, true) !== 0) throw disagree('the method')
  const nameLength = view.getUint16(26, true)
  const extraLength = view.getUint16(28, true)
  if (LOCAL_BYTES + nameLength + extraLength !== bytes.length) throw disagree('the length')
  const name = bytes.subarray(LOCAL_BYTES, LOCAL_BYTES + nameLength)
  if (nameLength !== entry.nameBytes.length || !name.every((byte, i) => byte === entry.nameBytes[i])) {
    throw disagree('the name')
  }
  const crc = view.getUint32(14, true)
  const narrow = [view.getUint32(22, true), view.getUint32(18, true)] as const
  const isLater = (entry.flags & IN_DESCRIPTOR) !== 0
  if (isLater && crc === 0 && narrow.every((size) => size === 0 || size === LIMIT32)) return
  if (crc !== entry.crc) throw disagree('the checksum')
  const extra = bytes.subarray(LOCAL_BYTES + nameLength)
  const { values } = widen(narrow, extra, () => disagree('the size'))
  if (values.some((size) => size !== entry.byteLength)) throw disagree('the size')
}

function decodeName(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw fail('file/zip', 'the name of a record is not UTF-8')
  }
}

function show(name: string): string {
  return JSON.stringify(name.slice(0, 80))
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
