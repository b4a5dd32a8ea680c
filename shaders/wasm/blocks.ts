// What all formats that go by blocks have in common.

/** Columns of a block. */
export const BLOCK: i32 = 32

@inline
export function blocksOf(columns: i32): i32 {
  return (columns + BLOCK - 1) / BLOCK
}

/** offset + scale · level for sixteen levels, bytes. */
@inline
export function decodeSixteen(levels: v128, scale: v128, offset: v128, out: usize): void {
  const low = i16x8.extend_low_i8x16_s(levels)
  const high = i16x8.extend_high_i8x16_s(levels)
  v128.store(out, decodeFour(i32x4.extend_low_i16x8_s(low), scale, offset))
  v128.store(out, decodeFour(i32x4.extend_high_i16x8_s(low), scale, offset), 16)
  v128.store(out, decodeFour(i32x4.extend_low_i16x8_s(high), scale, offset), 32)
  v128.store(out, decodeFour(i32x4.extend_high_i16x8_s(high), scale, offset), 48)
}

@inline
function decodeFour(levels: v128, scale: v128, offset: v128): v128 {
  return f32x4.add(offset, f32x4.mul(f32x4.convert_i32x4_s(levels), scale))
}
