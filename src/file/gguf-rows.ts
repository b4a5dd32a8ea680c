/**
 * @file Blocks of GGUF as rows of the format that holds the same values: laid out anew (`core/weight-layout.ts`), and no
 * number rounded. What eight blocks share becomes f32, in which an f16 is never denormal.
 */

import { RwkvError } from '../core/errors.ts'
import type { BlockFormat } from '../core/protocol.ts'
import { BLOCK, levelRow, levels, quantizedRow } from '../core/weight-layout.ts'
import { eachNibble, halvesOf, SCALED, scaleAndMinimum } from './gguf-blocks.ts'

/** Blocks of whole rows. */
export interface BlockRows {
  /** Of the tensor, for messages. */
  readonly name: string
  /** As the file has them. */
  readonly bytes: Uint8Array
  readonly columns: number
  /** A power of two that all values are multiplied by; 1 for `q4_1` and `q5_1`, which have no room for another. */
  readonly factor: number
}

/** How blocks of a type are held. */
export interface HeldBlocks {
  readonly format: 'q8' | BlockFormat
  /** Rows in that format. @throws RwkvError `model/not-finite` */
  pack(rows: BlockRows): Uint8Array<ArrayBuffer>
}

/** By the type's name; every type that is decoded is here. */
export const HELD_BLOCKS: ReadonlyMap<string, HeldBlocks> = new Map([
  ['Q8_0', q8(34, bytesOfQ8)],
  ...Array.from(SCALED, ([name, { quants, size, numbers }]) => {
    const nibbles = (bytes: Uint8Array, blocks: number, target: Int8Array) =>
      eachNibble({ bytes, blocks, quants, size, number: numbers(bytes) }, (at, _, number) => {
        target[at] = number
      })
    return [name, q8(size, nibbles)] as const
  }),
  ['Q4_1', ofLevels({ format: 'q4_1', size: 20, halves: [0, 2], write: writePairs(4) })],
  ['Q5_1', ofLevels({ format: 'q5_1', size: 24, halves: [0, 2], write: writePairs(8) })],
  ['Q4_K', ofLevels({ format: 'q4_k', size: 144, halves: [0, 2], write: writeCodes(16) })],
  ['Q5_K', ofLevels({ format: 'q5_k', size: 176, halves: [0, 2], write: writeCodes(48) })],
  ['Q6_K', ofLevels({ format: 'q6_k', size: 210, halves: [208], write: writeBytes })],
])

/** Blocks of 32 whose values are a scale, the f16 in front, times what `read` gives. */
function q8(size: number, read: (bytes: Uint8Array, blocks: number, target: Int8Array) => void): HeldBlocks {
  return {
    format: 'q8',
    pack({ name, bytes, columns, factor }) {
      const scales = finiteHalves(bytes, { name, size, at: 0 })
      const quants = new Int8Array(scales.length * BLOCK)
      read(bytes, scales.length, quants)
      const { rest, length } = quantizedRow('q8', columns)
      const words = new Uint32Array((quants.length / columns) * length)
      const [floats, inBytes] = [new Float32Array(words.buffer), new Int8Array(words.buffer)]
      for (let row = 0, from = 0; row < words.length; row += length, from += columns) {
        inBytes.set(quants.subarray(from, from + columns), row * 4)
        for (let i = row; i < row + rest; i++) words[i] = (words[i] as number) ^ 0x00808080 // see shaders/weights/q8.wgsl
        for (let block = 0; block < columns / BLOCK; block++)
          floats[row + rest + block] = (scales[from / BLOCK + block] as number) * factor
      }
      return new Uint8Array(words.buffer)
    },
  }
}

function bytesOfQ8(bytes: Uint8Array, blocks: number, target: Int8Array): void {
  for (let block = 0; block < blocks; block++)
    for (let i = 0; i < BLOCK; i++) target[block * BLOCK + i] = bytes[block * 34 + 2 + i] as number
}

/** How blocks of a type become rows of a format that has levels. */
interface Levels {
  readonly format: BlockFormat
  /** Bytes of a block. */
  readonly size: number
  /** Where in a block its f16s are. */
  readonly halves: readonly number[]
  readonly write: Write
}

/** Write the block that begins at byte `at` of the file, but for what eight blocks of 32 share. */
type Write = (bytes: Uint8Array, at: number, to: Places) => void

/** The row, and where the parts of a block begin in it. */
interface Places {
  readonly words: Uint32Array
  readonly lower: number
  readonly upper: number
  readonly range: number
}

function ofLevels({ format, size, halves, write }: Levels): HeldBlocks {
  const { upper, range } = levels[format]
  const each = range === 'pairs' ? 1 : 8 // blocks of 32
  return {
    format,
    pack({ name, bytes, columns, factor }) {
      const { above, ranges, shared, length } = levelRow(format, columns)
      const count = bytes.length / size
      const inRow = columns / BLOCK / each
      const words = new Uint32Array((count / inRow) * length)
      const floats = new Float32Array(words.buffer)
      const factors = halves.map((at) => finiteHalves(bytes, { name, size, at }))
      for (let b = 0; b < count; b++) {
        const row = Math.floor(b / inRow) * length
        const block = (b % inRow) * each
        const [lower, higher] = [row + block * 4, row + above + block * upper]
        write(bytes, b * size, { words, lower, upper: higher, range: row + ranges + (each === 1 ? block : block / 2) })
        if (each === 1) continue
        for (const [i, own] of factors.entries())
          floats[row + shared + (block / 8) * halves.length + i] = (own[b] as number) * factor
      }
      return new Uint8Array(words.buffer)
    },
  }
}

/** The f16 at byte `at` of each block, as f32. */
function finiteHalves(bytes: Uint8Array, { name, size, at }: { name: string; size: number; at: number }): Float32Array {
  const values = halvesOf(bytes, { blocks: bytes.length / size, size, at })
  if (values.every(Number.isFinite)) return values
  throw new RwkvError(
    'model/not-finite',
    `${name} holds a block with a NaN or infinite scale. The file is damaged or its training failed; take another copy.`,
  )
}

const u32 = (bytes: Uint8Array, at: number) =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24)

/** Add bits to a word that has none of them. */
function add(words: Uint32Array, at: number, bits: number): void {
  words[at] = (words[at] as number) | bits
}

const LOWER = 0x0f0f0f0f
const ONES = 0x01010101

/** Two f16s; for Q5_1 the fifth bits, column by column; 16 bytes that lie as in a row, from byte `quants` on. */
function writePairs(quants: 4 | 8): Write {
  return (bytes, at, { words, lower, upper, range }) => {
    words[range] = u32(bytes, at)
    for (let w = 0; w < 4; w++) words[lower + w] = u32(bytes, at + quants + 4 * w)
    if (quants === 4) return
    const fifth = u32(bytes, at + 4)
    // The lowest bits of four bytes are four bits that follow one another.
    for (let w = 0; w < 8; w++) add(words, upper, ((((fifth >>> (4 * w)) & 15) * 0x00204081) & ONES) << w)
  }
}

/** Q4_K and Q5_K, as `decodeQ45K` reads them; nibbles from byte `quants` on. */
function writeCodes(quants: 16 | 48): Write {
  return (bytes, at, { words, lower, upper, range }) => {
    for (let block = 0; block < 8; block++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, block)
      add(words, range + (block >> 1), (scale | (minimum << 8)) << (16 * (block & 1)))
    }
    for (let pair = 0; pair < 4; pair++)
      for (let w = 0; w < 4; w++) {
        const [first, second] = [0, 16].map((half) => u32(bytes, at + quants + 32 * pair + half + 4 * w)) as [
          number,
          number,
        ]
        words[lower + 8 * pair + w] = (first & LOWER) | ((second & LOWER) << 4)
        words[lower + 8 * pair + 4 + w] = ((first >>> 4) & LOWER) | (second & ~LOWER)
      }
    if (quants === 16) return
    for (let w = 0; w < 8; w++) {
      const fifth = u32(bytes, at + 16 + 4 * w)
      for (let block = 0; block < 8; block++) add(words, upper + block, ((fifth >>> block) & ONES) << w)
    }
  }
}

/** Q6_K, as `decodeQ6K` reads it. */
function writeBytes(bytes: Uint8Array, at: number, { words, lower, upper, range }: Places): void {
  for (let block = 0; block < 8; block++) {
    const [half, run] = [block >> 2, block & 3]
    const low = at + half * 64 + (run & 1) * 32
    const nibbles = (w: number) => (u32(bytes, low + 4 * w) >>> ((run >> 1) * 4)) & LOWER
    for (let w = 0; w < 4; w++) words[lower + 4 * block + w] = nibbles(w) | (nibbles(w + 4) << 4)
    for (let w = 0; w < 8; w++) {
      const high = (u32(bytes, at + 128 + half * 32 + 4 * w) >>> (2 * run)) & 0x03030303
      add(words, upper + 2 * block + (w >> 2), high << (2 * (w & 3)))
    }
    const scales = at + 192 + 2 * block // signed
    const both = (bytes[scales] as number) | ((bytes[scales + 1] as number) << 8)
    add(words, range + (block >> 1), (both ^ 0x8080) << (16 * (block & 1)))
  }
}
