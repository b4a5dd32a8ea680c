/**
 * @file A kept file as a source: read in chunks whose checksums are compared on the way, the next one while the last is used.
 * A damaged chunk is fetched again before anyone sees it.
 */

import type { ByteSource } from '../file/byte-source.ts'
import { isUndamaged } from '../file/hash.ts'
import type { Reader } from './directory.ts'
import { CHUNK_BYTES } from './download.ts'

/** What `createStoredSource` takes. */
export interface StoredSourceOptions {
  readonly name: string
  readonly byteLength: number
  /** What each chunk is known by, see `stampOf`. */
  readonly chunks: readonly string[]
  readonly openReader: () => Promise<Reader>
  /** Fetch a chunk again, write it, and give it. Called with no reader open. */
  readonly repair: (chunk: number) => Promise<Uint8Array<ArrayBuffer>>
}

const SMALL_READ = 128 * 1024 // reads so small inside of a file do not pay for a chunk each
const CHUNKS_HELD = 2

/** A source over a complete stored file; disposing it closes the file. */
export function createStoredSource(options: StoredSourceOptions): ByteSource {
  const { name, byteLength, chunks, openReader, repair } = options
  const held = new Map<number, Promise<Uint8Array<ArrayBuffer>>>()
  let reader: Promise<Reader> | undefined
  const open = (): Promise<Reader> => {
    reader ??= openReader()
    return reader
  }
  const close = async (): Promise<void> => {
    const closing = reader
    reader = undefined
    await closing?.then((opened) => opened.close()).catch(() => {})
  }

  const readChunk = async (chunk: number): Promise<Uint8Array<ArrayBuffer>> => {
    const offset = chunk * CHUNK_BYTES
    const length = Math.min(CHUNK_BYTES, byteLength - offset)
    const bytes = await (await open()).read(offset, length)
    if (bytes.length === length && isUndamaged(bytes, chunks[chunk] ?? '')) return bytes
    await close()
    return repair(chunk)
  }
  const load = (chunk: number): Promise<Uint8Array<ArrayBuffer>> => {
    const known = held.get(chunk)
    const loading = known ?? readChunk(chunk)
    if (!known) loading.catch(() => held.delete(chunk))
    held.delete(chunk)
    held.set(chunk, loading) // the last is the one used last
    for (const old of held.keys()) {
      if (held.size <= CHUNKS_HELD) break
      held.delete(old)
    }
    return loading
  }

  return {
    name,
    byteLength,
    isBuffered: true,
    async read(offset, length) {
      if (length === 0) return new Uint8Array(0)
      const first = Math.floor(offset / CHUNK_BYTES)
      const last = Math.floor((offset + length - 1) / CHUNK_BYTES)
      const isInside = first > 0 && last < chunks.length - 1
      if (length <= SMALL_READ && isInside && !held.has(first)) return (await open()).read(offset, length)
      if (first === last) {
        const bytes = await load(first)
        if (first + 1 < chunks.length && length > SMALL_READ) void load(first + 1).catch(() => {})
        return bytes.subarray(offset - first * CHUNK_BYTES, offset - first * CHUNK_BYTES + length)
      }
      const joined = new Uint8Array(length)
      for (let chunk = first; chunk <= last; chunk++) {
        const start = chunk * CHUNK_BYTES
        const bytes = await load(chunk)
        const from = Math.max(offset - start, 0)
        joined.set(bytes.subarray(from, Math.min(offset + length - start, bytes.length)), Math.max(start - offset, 0))
      }
      return joined
    },
    dispose() {
      held.clear()
      void close()
    },
  }
}
