// Blocks of GGUF, which lie as on the GPU (src/core/weight-layout.ts, shaders/levels/): the lower four bits of all levels of a
// row, 16 bytes a block, of which byte i has column i in its lower and column 16 + i in its upper half; the bits above
// these; scales and offsets. A value is offset + scale · level. `columns` is a multiple of 32, of 256 for the last three.

import { blocksOf, decodeSixteen } from './blocks'
import { multiplyAdd, sum } from './simd'

export const Q4_1: i32 = 5
export const Q5_1: i32 = 6
export const Q4_K: i32 = 7
export const Q5_K: i32 = 8
export const Q6_K: i32 = 9

/** Bytes that a block has of bits above the lower four. */
@inline
function upperBytes(codec: i32): usize {
  if (codec == Q6_K) return 8
  return codec == Q5_1 || codec == Q5_K ? 4 : 0
}

/** Levels of the columns 16 · half … 16 · half + 15 of a block; those of q6_k count from -32. */
@inline
function levelsOf(codec: i32, nibbles: v128, upper: usize, half: usize): v128 {
  const lower = half == 0 ? v128.and(nibbles, i8x16.splat(15)) : i8x16.shr_u(nibbles, 4)
  if (codec == Q4_1 || codec == Q4_K) return lower
  // Byte j of a u32 has the bits of columns 4·w + j, one or two for each w. A product shifts each w's by as many bits as it needs.
  if (codec == Q6_K) {
    const shifted = i32x4.mul(v128.load32_splat(upper + (half << 2)), i32x4(64, 16, 4, 1))
    const above = v128.and(i32x4.shr_u(shifted, 6), i32x4.splat(0x03030303))
    return i8x16.sub(v128.or(lower, i32x4.shl(above, 4)), i8x16.splat(32))
  }
  const shifted = i32x4.mul(v128.load32_splat(upper), i32x4(8, 4, 2, 1))
  const above = v128.and(i32x4.shr_u(shifted, 3 + (<i32>half << 2)), i32x4.splat(0x01010101))
  return v128.or(lower, i32x4.shl(above, 4))
}

/** Where scales and offsets of a row begin whose upper bits begin at `upper`. */
@inline
function rangesAt(codec: i32, upper: usize, blocks: i32): usize {
  return upper + ((<usize>blocks * upperBytes(codec) + 15) & ~15)
}

/** Where what eight blocks share begins. */
@inline
function sharedAt(ranges: usize, blocks: i32): usize {
  return ranges + (<usize>((blocks + 7) >> 3) << 4)
}

/** Of the half `half` of a block. */
@inline
function scaleAt(codec: i32, ranges: usize, shared: usize, block: i32, half: usize): f32 {
  if (codec == Q4_1 || codec == Q5_1) return halfAt(ranges + (<usize>block << 2))
  const at = ranges + (<usize>block << 1)
  if (codec == Q6_K) return <f32>(<i32>load<u8>(at + half) - 128) * load<f32>(shared + (<usize>(block >> 3) << 2))
  return <f32>load<u8>(at) * load<f32>(shared + (<usize>(block >> 3) << 3))
}

@inline
function offsetAt(codec: i32, ranges: usize, shared: usize, block: i32): f32 {
  if (codec == Q6_K) return 0
  if (codec == Q4_1 || codec == Q5_1) return halfAt(ranges + (<usize>block << 2) + 2)
  return -<f32>load<u8>(ranges + (<usize>block << 1) + 1) * load<f32>(shared + (<usize>(block >> 3) << 3) + 4)
}

/** 2^112, between the exponents of f16 and f32. */
const BIAS: f32 = 5.192296858534828e33

/** An f16, as `fromHalf` of codecs.ts reads it. */
@inline
function halfAt(at: usize): f32 {
  const bits = <u32>load<u16>(at)
  return BIAS * reinterpret<f32>(((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13))
}

/** A row in f32. */
export function decodeLevels(codec: i32, row: usize, columns: i32, out: usize): void {
  const blocks = blocksOf(columns)
  let upper = row + (<usize>blocks << 4)
  const ranges = rangesAt(codec, upper, blocks)
  const shared = sharedAt(ranges, blocks)
  for (let b = 0; b < blocks; b++, row += 16, upper += upperBytes(codec), out += 128) {
    const nibbles = v128.load(row)
    const offset = f32x4.splat(offsetAt(codec, ranges, shared, b))
    for (let half: usize = 0; half < 2; half++) {
      const scale = f32x4.splat(scaleAt(codec, ranges, shared, b, half))
      decodeSixteen(levelsOf(codec, nibbles, upper, half), scale, offset, out + (half << 6))
    }
  }
}

/** A row times a token row by `quantize`. */
@inline
export function dotLevels(codec: i32, row: usize, columns: i32, x: usize): f32 {
  const blocks = blocksOf(columns)
  let upper = row + (<usize>blocks << 4)
  const ranges = rangesAt(codec, upper, blocks)
  const shared = sharedAt(ranges, blocks)
  let units = x + (<usize>blocks << 6)
  const toSum = <usize>blocks << 2
  let total = f32x4.splat(0)
  let rest: f32 = 0
  for (let b = 0; b < blocks; b++, row += 16, upper += upperBytes(codec), x += 64, units += 4) {
    const nibbles = v128.load(row)
    const first = dotSixteen(levelsOf(codec, nibbles, upper, 0), x)
    const second = dotSixteen(levelsOf(codec, nibbles, upper, 1), x + 32)
    const unit = load<f32>(units)
    const scale = f32x4.splat(unit * scaleAt(codec, ranges, shared, b, 0))
    if (codec == Q6_K) {
      total = multiplyAdd(f32x4.convert_i32x4_s(first), scale, total)
      const other = f32x4.splat(unit * scaleAt(codec, ranges, shared, b, 1))
      total = multiplyAdd(f32x4.convert_i32x4_s(second), other, total)
    } else {
      total = multiplyAdd(f32x4.convert_i32x4_s(i32x4.add(first, second)), scale, total)
      rest += offsetAt(codec, ranges, shared, b) * load<f32>(units + toSum)
    }
  }
  return sum(total) + rest
}

@inline
function dotSixteen(levels: v128, x: usize): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(levels), v128.load(x)),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(levels), v128.load(x, 16)),
  )
}
