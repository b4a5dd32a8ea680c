/** @file Builds zip archives in memory as PyTorch's writer lays them out and, by the options, damaged ones. */

import { concat } from './safetensors-bytes.ts'

/** A record, and how its headers are to lie about it. */
export interface RecordToWrite {
  readonly name: string
  readonly data: Uint8Array
  readonly method?: number
  readonly flags?: number
  /** In the local header only. */
  readonly localName?: string
  readonly localSize?: number
  readonly localMethod?: number
  readonly localFlags?: number
  readonly localCrc?: number
  /** In the directory only. */
  readonly size?: number
  readonly compressedSize?: number
  readonly headerOffset?: number
  /** Sizes and offset of the directory go into a zip64 field. */
  readonly zip64?: boolean
  /** Bytes between this record and the next. */
  readonly gap?: number
}

/** How the archive is to differ from what PyTorch writes. */
export interface ZipOptions {
  /** Sizes in the local headers instead of behind the data, as Python's zipfile writes them. */
  readonly plain?: boolean
  /** Write the zip64 end records, as PyTorch always does; true by default. */
  readonly end64?: boolean
  readonly comment?: Uint8Array
  readonly prefix?: Uint8Array
  readonly count?: number
  readonly directoryOffset?: number
  readonly directoryLength?: number
  /** Values of the zip64 end record that differ from the end record. */
  readonly count64?: number
  readonly locatorOffset?: number
}

/** A little-endian field: value and bytes. */
type Field = readonly [value: number, byteLength: 2 | 4 | 8]

function fields(...list: readonly Field[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(list.reduce((sum, [, length]) => sum + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [value, length] of list) {
    if (length === 2) view.setUint16(at, value, true)
    else if (length === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    at += length
  }
  return bytes
}

const text = (value: string) => new TextEncoder().encode(value)
const IN_DESCRIPTOR = 1 << 3
const ALIGN = 64

/** The archive as parts, so that large data need not be copied. */
export function zipParts(records: readonly RecordToWrite[], options: ZipOptions = {}): Uint8Array[] {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  const put = (...added: Uint8Array[]): void => {
    for (const part of added) {
      parts.push(part)
      at += part.length
    }
  }
  put(options.prefix ?? new Uint8Array(0))
  for (const record of records) {
    const { name, data, method = 0, zip64 = false } = record
    const flags = record.flags ?? (options.plain ? 0 : 0x0800 | IN_DESCRIPTOR)
    const isLater = (flags & IN_DESCRIPTOR) !== 0
    const crc = options.plain ? 7 : 9 // nothing checks it
    const localName = text(record.localName ?? name)
    const size = record.localSize ?? (isLater ? 0 : data.length)
    const start = at
    const unpadded = start + 30 + localName.length + 4
    const padding = options.plain ? new Uint8Array(0) : paddingOf(ALIGN - (unpadded % ALIGN))
    put(
      fields(
        [0x04034b50, 4],
        [0, 2],
        [record.localFlags ?? flags, 2],
        [record.localMethod ?? method, 2],
        [0, 4],
        [record.localCrc ?? (isLater ? 0 : crc), 4],
        [size, 4],
        [size, 4],
        [localName.length, 2],
        [padding.length, 2],
      ),
      localName,
      padding,
      data,
    )
    if (isLater) {
      put(fields([0x08074b50, 4], [crc, 4], [data.length, zip64 ? 8 : 4], [data.length, zip64 ? 8 : 4]))
    }
    put(new Uint8Array(record.gap ?? 0))
    const [real, compressed, offset] = [
      record.size ?? data.length,
      record.compressedSize ?? record.size ?? data.length,
      record.headerOffset ?? start,
    ]
    const extra = zip64 ? fields([1, 2], [24, 2], [real, 8], [compressed, 8], [offset, 8]) : new Uint8Array(0)
    directory.push(
      fields(
        [0x02014b50, 4],
        [0, 4],
        [flags, 2],
        [method, 2],
        [0, 4],
        [crc, 4],
        [zip64 ? 0xffffffff : compressed, 4],
        [zip64 ? 0xffffffff : real, 4],
        [text(name).length, 2],
        [extra.length, 2],
        [0, 2],
        [0, 4],
        [0, 4],
        [zip64 ? 0xffffffff : offset, 4],
      ),
      text(name),
      extra,
    )
  }
  const directoryOffset = options.directoryOffset ?? at
  put(...directory)
  const directoryLength = options.directoryLength ?? directory.reduce((sum, part) => sum + part.length, 0)
  const count = options.count ?? records.length
  if (options.end64 ?? !options.plain) {
    const end64 = at
    const count64 = options.count64 ?? count
    put(
      fields([0x06064b50, 4], [44, 8], [0, 4], [0, 4], [0, 4]),
      fields([count64, 8], [count64, 8], [directoryLength, 8], [directoryOffset, 8]),
      fields([0x07064b50, 4], [0, 4], [options.locatorOffset ?? end64, 8], [1, 4]),
    )
  }
  const comment = options.comment ?? new Uint8Array(0)
  put(
    fields([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [directoryLength, 4], [directoryOffset, 4]),
    fields([comment.length, 2]),
    comment,
  )
  return parts
}

/** The archive whole. */
export const buildZip = (records: readonly RecordToWrite[], options?: ZipOptions): Uint8Array<ArrayBuffer> =>
  concat(zipParts(records, options))

function paddingOf(length: number): Uint8Array {
  const padding = new Uint8Array(length + 4).fill(0x5a)
  padding.set(fields([0x4246, 2], [length, 2]))
  return padding
}
