/**
 * @file A file that is being fetched, as far as it is here: whoever reads waits for the rest, and for nothing else. Who keeps
 * pace gets what came last from memory.
 */

import type { ByteSource } from '../file/byte-source.ts'
import type { Writer } from './directory.ts'
import { CHUNK_BYTES, type Journal } from './download.ts'
import { createStoredSource } from './stored-file.ts'

/** Reads of such a file. */
export interface Arriving {
  /** It is written there from now on. */
  open(writer: Writer): void
  /** Bytes, once they are written, compared with their checksums; undefined where the file is read from elsewhere then. */
  read(offset: number, byteLength: number): Promise<Uint8Array | undefined>
  /**
   * What is in the file now, and the last chunk of it, which nobody writes to any more.
   * @throws what `changed` gives, if it begins anew after some of it was read
   */
  advance(journal: Journal, last?: Uint8Array<ArrayBuffer>): void
  /** Whether reads are answered from here. */
  readonly isOpen: boolean
  /** The writer is about to be closed: reads wait for `end`. */
  close(): void
  /** Reads that wait, and those to come, give undefined, or fail with `reason`. */
  end(reason?: unknown): void
}

/** What `createArriving` takes. */
export interface ArrivingOptions {
  readonly name: string
  readonly byteLength: number
  readonly changed: () => Error
}

const MOST_RECENT = 4 // chunks in memory, for whoever falls behind a little

/** Nothing is here yet. */
export function createArriving({ name, byteLength, changed }: ArrivingOptions): Arriving {
  const chunks: string[] = []
  const recent = new Map<number, Uint8Array<ArrayBuffer>>() // by their place in the file
  let source: ByteSource | undefined
  let here = 0
  let most = 0 // that was read, from the start
  let ended: { readonly reason: unknown } | undefined
  let waiting: (() => void)[] = []
  const wake = () => {
    const woken = waiting
    waiting = []
    for (const settle of woken) settle()
  }
  return {
    open(writer) {
      source = createStoredSource({
        name,
        byteLength,
        chunks,
        openReader: async () => ({
          byteLength,
          async read(offset, length) {
            const known = recent.get(offset)
            if (known?.length === length) return known
            const bytes = new Uint8Array(length)
            return bytes.subarray(0, writer.read(bytes, { at: offset }))
          },
          close() {},
        }),
        repair: async (chunk) => {
          throw new RangeError(`chunk ${chunk} of ${name} was not written as it came`)
        },
      })
    },
    async read(offset, length) {
      while (!ended) {
        if (!source || here < offset + length) {
          await new Promise<void>((settle) => waiting.push(settle))
          continue
        }
        most = Math.max(most, offset + length)
        try {
          return await source.read(offset, length)
        } catch (error) {
          if (source) throw error // else the writer was closed meanwhile
        }
      }
      if (ended.reason !== undefined) throw ended.reason
      return undefined
    },
    advance(journal, last) {
      here = Math.min(journal.chunks.length * CHUNK_BYTES, journal.byteLength)
      if (here < most) throw changed()
      chunks.length = Math.min(chunks.length, journal.chunks.length)
      chunks.push(...journal.chunks.slice(chunks.length))
      if (!last) recent.clear()
      else recent.set(here - last.length, last).delete((chunks.length - 1 - MOST_RECENT) * CHUNK_BYTES)
      wake()
    },
    get isOpen() {
      return ended === undefined
    },
    close() {
      source = undefined
    },
    end(reason) {
      ended = { reason }
      recent.clear()
      wake()
    },
  }
}
