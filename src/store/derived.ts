/**
 * @file What is made from kept files and kept beside them, such as quantised weights: written as it is made, and whole only
 * with its manifest. It can be made again at any time, so whatever goes wrong, it is not kept.
 */

import type { ByteSource } from '../file/byte-source.ts'
import { stampOf } from '../file/hash.ts'
import { type Writer, writeAll } from './directory.ts'
import { CHUNK_BYTES } from './download.ts'

/** What `Store.derived` takes. */
export interface DerivedFile {
  /** Its address in the store, and what it belongs to, for `list` and `remove`. */
  readonly url: string
  readonly name: string
  readonly model: string
  /** What it was made from and how: only a copy with the same origin counts. */
  readonly origin: string
  readonly byteLength: number
}

/** A copy that is there, or one that is being made. The caller disposes it; one that is not complete is lost by that. */
export type Derived = { readonly source: ByteSource; dispose(): void } | DerivedWriter

/** Takes the bytes in order, and keeps them with the last. */
export interface DerivedWriter {
  readonly source?: undefined
  append(bytes: Uint8Array): Promise<void>
  dispose(): void
}

/** What `createDerivedWriter` takes. */
export interface DerivedWriterOptions {
  readonly file: DerivedFile
  readonly writer: Writer
  /** Write the manifest. */
  readonly complete: (chunks: readonly string[]) => Promise<void>
  /** Remove what was written. */
  readonly drop: () => Promise<void>
}

/** A writer in chunks of 8 MiB, of which one is in memory. */
export function createDerivedWriter({ file, writer, complete, drop }: DerivedWriterOptions): DerivedWriter {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, file.byteLength))
  const chunks: string[] = []
  let filled = 0
  let isOpen = true
  const close = () => {
    if (isOpen) writer.close()
    isOpen = false
  }

  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + chunk.length - filled)
      chunk.set(part, filled)
      filled += part.length
      at += part.length
      const offset = chunks.length * CHUNK_BYTES
      const isLast = offset + filled === file.byteLength
      if (filled < chunk.length && !isLast) return
      const full = chunk.subarray(0, filled)
      writeAll(writer, full, { at: offset, file: file.name })
      chunks.push(await stampOf(full))
      filled = 0
      if (!isLast) continue
      writer.truncate(file.byteLength)
      close()
      await complete(chunks)
    }
  }

  return {
    async append(bytes) {
      if (!isOpen) return
      try {
        await append(bytes)
      } catch {
        close()
        await drop()
      }
    },
    dispose: close,
  }
}
