import { describe, expect, test } from 'vitest'
import { stampOf } from '../../src/file/hash.ts'
import { CHUNK_BYTES } from '../../src/store/download.ts'
import { createStoredSource } from '../../src/store/stored-file.ts'

const CHUNKS = 5
const SLICE = 3_000_000 // not a part of a chunk

/** A kept file, and how often each of its chunks was read whole. */
async function countReads() {
  const bytes = new Uint8Array(CHUNKS * CHUNK_BYTES - 1000).fill(7)
  const reads = new Array<number>(CHUNKS).fill(0)
  const chunkAt = (offset: number) => bytes.slice(offset, offset + CHUNK_BYTES)
  const source = createStoredSource({
    name: 'model.pth',
    byteLength: bytes.length,
    chunks: await Promise.all(reads.map((_, chunk) => stampOf(chunkAt(chunk * CHUNK_BYTES)))),
    openReader: async () => ({
      byteLength: bytes.length,
      async read(offset, length) {
        if (offset % CHUNK_BYTES === 0) reads[offset / CHUNK_BYTES] += 1
        return bytes.slice(offset, offset + length)
      },
      close() {},
    }),
    repair: () => Promise.reject(new Error('it is not damaged')),
  })
  return { source, reads }
}

describe('a kept file', () => {
  test.each([
    ['at once', []],
    ['after a look at its end', [CHUNKS * CHUNK_BYTES - 2000]],
    ['after a look at its beginning and its end', [0, CHUNKS * CHUNK_BYTES - 2000]],
  ])('is read in order once, chunk by chunk: %s', async (_, looks) => {
    const { source, reads } = await countReads()
    for (const look of looks) await source.read(look, 500)
    reads.fill(0)
    for (let at = 0; at < source.byteLength; at += SLICE) await source.read(at, Math.min(SLICE, source.byteLength - at))
    expect(Math.max(...reads)).toBe(1)
  })
})
