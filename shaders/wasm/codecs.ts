// The formats in which a matrix lies in memory, row after row. `columns` is a multiple of 4.
//
//   f32, f16, bf16   the weights, one after another
//   q8, q4           the quants of all blocks of 32 columns, then what else belongs to each block; both padded to 16 bytes
//   others           blocks of GGUF, see levels.ts
//
// A block of q8 is 32 signed bytes and an f32 scale. A block of q4 is 16 bytes, of which byte i has column i in its lower
// and column 16 + i in its upper half, and two u32s: scale and least, the upper half of an f32 each; and the outlier as f32,
// whose last five bits are its column. As on the GPU (src/core/weight-layout.ts), but for `arrange` below.

import { blocksOf, decodeSixteen } from './blocks'
import { decodeLevels } from './levels'

export const F32: i32 = 0
export const F16: i32 = 1
export const BF16: i32 = 2
export const Q8: i32 = 3
export const Q4: i32 = 4

/** Four f16 as f32. An f32 of the same bits is 2^112 times smaller: its exponent has another bias. */
@inline
export function fromHalf(at: usize): v128 {
  const bits = v128.and(i32x4.shl(v128.load_ext<i16>(at), 13), i32x4.splat(0x8fffffff))
  return f32x4.mul(bits, f32x4.splat(5.192296858534828e33))
}

/** Four bf16 as f32. */
@inline
export function fromBrain(at: usize): v128 {
  return i32x4.shl(v128.load_ext<u16>(at), 16)
}

/** What tells the levels of a block of q4, at its two u32s. */
@inline
export function scaleOf(extra: usize): f32 {
  return reinterpret<f32>(load<u32>(extra) & 0xffff0000)
}
@inline
export function leastOf(extra: usize): f32 {
  return reinterpret<f32>(load<u32>(extra) << 16)
}
@inline
export function outlierOf(extra: usize): f32 {
  return reinterpret<f32>(load<u32>(extra, 4) & 0xffffffe0)
}
@inline
export function outlierColumn(extra: usize): usize {
  return load<u32>(extra, 4) & 31
}

/** A row in f32: `out` has columns of whole blocks where the format has some. */
export function decode(codec: i32, row: usize, columns: i32, out: usize): void {
  const end = out + (<usize>columns << 2)
  if (codec == F32) {
    memory.copy(out, row, <usize>columns << 2)
  } else if (codec == F16) {
    for (; out < end; out += 16, row += 8) v128.store(out, fromHalf(row))
  } else if (codec == BF16) {
    for (; out < end; out += 16, row += 8) v128.store(out, fromBrain(row))
  } else if (codec == Q8) {
    let extra = row + (<usize>blocksOf(columns) << 5)
    for (; out < end; extra += 4) {
      const scale = v128.load_splat<f32>(extra)
      for (let i = 0; i < 4; i++, row += 8, out += 32) {
        const quants = v128.load_ext<i8>(row)
        v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(quants)), scale))
        v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(quants)), scale), 16)
      }
    }
  } else if (codec == Q4) {
    let extra = row + (<usize>blocksOf(columns) << 4)
    for (; out < end; extra += 8, row += 16, out += 128) {
      const scale = f32x4.splat(scaleOf(extra))
      const least = f32x4.splat(leastOf(extra))
      const quants = v128.load(row)
      decodeSixteen(v128.and(quants, i8x16.splat(15)), scale, least, out)
      decodeSixteen(i8x16.shr_u(quants, 4), scale, least, out + 64)
      store<f32>(out + (outlierColumn(extra) << 2), outlierOf(extra))
    }
  } else {
    decodeLevels(codec, row, columns, out)
  }
}

/**
 * From how a quantised row lies on the GPU to how it lies here: q8 has 128 in excess in three of four bytes there; q4 has
 * columns 0 … 7 in the first four bytes, two a byte, and 8 in excess in the last of them.
 */
export function arrange(codec: i32, row: usize, columns: i32, rows: i32, rowBytes: usize): void {
  const blocks = blocksOf(columns)
  for (let r = 0; r < rows; r++, row += rowBytes) {
    if (codec == Q8) {
      const end = row + (<usize>blocks << 5)
      for (let at = row; at < end; at += 16) v128.store(at, v128.xor(v128.load(at), i32x4.splat(0x00808080)))
    } else {
      const end = row + (<usize>blocks << 4)
      for (let at = row; at < end; at += 16) {
        const quants = v128.xor(v128.load(at), i32x4.splat(0x80000000))
        const even = v128.and(quants, i8x16.splat(15))
        const odd = i8x16.shr_u(quants, 4)
        const low = v128.shuffle<i8>(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
        const high = v128.shuffle<i8>(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
        v128.store(at, v128.or(low, i8x16.shl(high, 4)))
      }
    }
  }
}
