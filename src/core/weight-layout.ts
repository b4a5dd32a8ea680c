/**
 * @file How the rows of a weight matrix lie in GPU memory: what writes them (`model/quantize.ts`), what allocates them
 * (`kernels/matrix.ts`) and what reads them (`shaders/weights/`) must agree.
 *
 * f32, f16, bf16: the weights, one after another. q8 and q4: the quants of all blocks of a row, then what else belongs to
 * each block, in the order of the blocks; each of the two sections is padded to 16 bytes, so that shaders read whole vec4s.
 *
 * Blocks of GGUF: the lower four bits of all blocks of a row, the bits above, then scales and offsets; each padded as well.
 */

import type { BlockFormat, WeightFormat } from './protocol.ts'

/** Whatever a matrix can be held in. */
export type HeldFormat = WeightFormat | BlockFormat

/** Formats that go by blocks. */
export type QuantFormat = Extract<WeightFormat, 'q8' | 'q4'>

/** Changes whenever weights are laid out or quantised otherwise than before: what was kept is then made anew. */
export const LAYOUT = 'blocks-1'

/** Columns of a block. The last block of a row may have fewer; its quants are there all the same. */
export const BLOCK = 32

// u32s of a block: its quants, and what tells what they mean
const blocks: Record<QuantFormat, { readonly quants: number; readonly extra: number }> = {
  q8: { quants: 8, extra: 1 }, // scale
  q4: { quants: 4, extra: 2 }, // scale and least · outlier and its place
}

/** Bits of a level above its four, and by what scales and offsets are told: see `shaders/levels/`. */
export const levels: Readonly<
  Record<BlockFormat, { readonly upper: 0 | 1 | 2; readonly range: 'pairs' | 'codes' | 'bytes' }>
> = {
  q4_1: { upper: 0, range: 'pairs' },
  q5_1: { upper: 1, range: 'pairs' },
  q4_k: { upper: 0, range: 'codes' },
  q5_k: { upper: 1, range: 'codes' },
  q6_k: { upper: 2, range: 'bytes' },
}

/** True for formats that go by blocks. */
export function isQuantized(format: HeldFormat): format is QuantFormat | BlockFormat {
  return format in blocks || hasLevels(format)
}

/** True for those that are blocks of GGUF. */
export function hasLevels(format: HeldFormat): format is BlockFormat {
  return format in levels
}

/** u32s of a block's two parts, and from the start of a row to the second section and to the next row. */
export function quantizedRow(format: QuantFormat, columns: number) {
  const count = Math.ceil(columns / BLOCK)
  const { quants, extra } = blocks[format]
  const rest = count * quants
  return { quants, extra, rest, length: rest + Math.ceil((count * extra) / 4) * 4 }
}

/** u32s from the start of a row to its sections, the last of which are what eight blocks share, and to the next row. */
export function levelRow(format: BlockFormat, columns: number) {
  const { upper, range } = levels[format]
  const count = Math.ceil(columns / BLOCK)
  const eights = Math.ceil(count / 8)
  const above = count * 4
  const ranges = above + whole(count * upper)
  const shared = ranges + (range === 'pairs' ? whole(count) : eights * 4)
  const length = shared + { pairs: 0, codes: whole(eights * 2), bytes: whole(eights) }[range]
  return { above, ranges, shared, length }
}

/** So many u32s, padded to vec4s. */
const whole = (length: number) => Math.ceil(length / 4) * 4

/** Bytes of one row of `columns` weights. */
export function rowByteLength(format: HeldFormat, columns: number): number {
  if (hasLevels(format)) return levelRow(format, columns).length * 4
  return isQuantized(format) ? quantizedRow(format, columns).length * 4 : columns * (format === 'f32' ? 4 : 2)
}
