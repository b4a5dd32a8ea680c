/**
 * @file Records of equal length in a temporary file: what has no room in memory while a model is loaded.
 * Reading and writing take no turn of the event loop, since the file stays open.
 */

import { RwkvError } from '../core/errors.ts'
import { type Writer, writeAll } from './directory.ts'

/** Records in a file. The caller closes it. */
export interface TemporaryFile {
  /**
   * Write a record down.
   * @returns its place
   * @throws RwkvError `store/quota`; what was there before is there still
   */
  put(record: Uint8Array): number
  /** A record as it was put. @throws RwkvError `store/corrupt` if the file has been cut behind our back */
  get(place: number): Uint8Array<ArrayBuffer>
  /** The place is used again, or cut off if it is at the end. Does nothing once the file is closed. */
  free(place: number): void
  /** Remove the file. */
  close(): Promise<void>
}

/** What `createTemporaryFile` takes. */
export interface TemporaryFileOptions {
  /** Of the file, which is empty. It is closed with this. */
  readonly writer: Writer
  readonly recordByteLength: number
  /** Of all records together; default: as much as there is room for. */
  readonly mostByteLength?: number | undefined
  /** Removes the file once it is closed. */
  readonly remove: () => Promise<void>
}

/** No records yet. */
export function createTemporaryFile(options: TemporaryFileOptions): TemporaryFile {
  const { writer, recordByteLength, mostByteLength = Infinity, remove } = options
  const free = new Set<number>()
  let end = 0 // places, used or free
  let closing: Promise<void> | undefined
  return {
    put(record) {
      const [place = end] = free
      if ((place + 1) * recordByteLength > mostByteLength)
        throw new RwkvError('store/quota', `Marks of conversations have their ${mostByteLength} bytes on this device.`)
      writeAll(writer, record, { at: place * recordByteLength, file: 'a mark of a conversation' })
      free.delete(place)
      end = Math.max(end, place + 1)
      return place
    },
    get(place) {
      const record = new Uint8Array(recordByteLength)
      const count = writer.read(record, { at: place * recordByteLength })
      if (count === recordByteLength) return record
      throw new RwkvError(
        'store/corrupt',
        `A mark of a conversation was put away on this device, and ${count} of its ${recordByteLength} bytes are left: the browser has cleared its storage. Go on from another mark, or from saved bytes.`,
      )
    },
    free(place) {
      if (closing) return
      free.add(place)
      while (free.delete(end - 1)) end -= 1
      writer.truncate(end * recordByteLength)
    },
    close() {
      if (!closing) writer.close()
      closing ??= remove()
      return closing
    },
  }
}
