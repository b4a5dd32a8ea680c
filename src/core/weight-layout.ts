/**
 * @file How the rows of a weight matrix lie in GPU memory: what writes them (`model/quantize.ts`), what allocates them
 * (`kernels/matrix.ts`) and what reads them (`shaders/weights/`) must agree.
 *
 * f32, f16, bf16: the weights, one after another. q8 and q4: the quants of all blocks of a row, then what else belongs to
 * each block, in the order of the blocks; each of the two sections is padded to 16 bytes, so that shaders read whole vec4s.
 */

import type { WeightFormat } from './protocol.ts'

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

/** True for formats that go by blocks. */
export function isQuantized(format: WeightFormat): format is QuantFormat {
  return format in blocks
}

/** u32s of a block's two parts, and from the start of a row to the second section and to the next row. */
export function quantizedRow(format: QuantFormat, columns: number) {
  const count = Math.ceil(columns / BLOCK)
  const { quants, extra } = blocks[format]
  const rest = count * quants
  return { quants, extra, rest, length: rest + Math.ceil((count * extra) / 4) * 4 }
}

/** Bytes of one row of `columns` weights. */
export function rowByteLength(format: WeightFormat, columns: number): number {
  return isQuantized(format) ? quantizedRow(format, columns).length * 4 : columns * (format === 'f32' ? 4 : 2)
}
