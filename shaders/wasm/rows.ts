// What happens to token rows between products. All numbers are f32, `C` is a multiple of 4.

import { sigmoid, silu, squaredRelu, sum, tanh } from './simd'

/** (x - mean) / √(variance + epsilon) · scale + bias, over `C` numbers; `out` may be `x`. */
@inline
export function normalize(x: usize, C: i32, epsilon: f32, scale: usize, bias: usize, out: usize): void {
  const bytes = <usize>C << 2
  let total = f32x4.splat(0)
  for (let at: usize = 0; at < bytes; at += 16) total = f32x4.add(total, v128.load(x + at))
  const mean = f32x4.splat(sum(total) / <f32>C)
  let squares = f32x4.splat(0)
  for (let at: usize = 0; at < bytes; at += 16) {
    const off = f32x4.sub(v128.load(x + at), mean)
    squares = f32x4.add(squares, f32x4.mul(off, off))
  }
  const factor = f32x4.splat(1 / sqrt<f32>(sum(squares) / <f32>C + epsilon))
  for (let at: usize = 0; at < bytes; at += 16) {
    const normed = f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor)
    v128.store(out + at, f32x4.add(f32x4.mul(normed, v128.load(scale + at)), v128.load(bias + at)))
  }
}

/** out[n] = LN(x[n]), f32 (count, C); `norm` is (2, C): scale, bias. `out` may be `x`. */
export function layerNorm(x: usize, count: i32, C: i32, norm: usize, out: usize): void {
  const bytes = <usize>C << 2
  for (let n = 0; n < count; n++, x += bytes, out += bytes) normalize(x, C, 1e-5, norm, norm + bytes, out)
}

/**
 * Token shift of one entry: out[m, n] = a[n] · mix[m] + a[n - 1] · (1 - mix[m]), f32 (mixes, ·, C) with `outStride` bytes
 * from one mix to the next. `a` is f32 (count, C), a[-1] is in `before`.
 */
export function shiftMix(
  a: usize,
  count: i32,
  C: i32,
  mix: usize,
  mixes: i32,
  before: usize,
  out: usize,
  outStride: usize,
): void {
  const bytes = <usize>C << 2
  let last = before
  for (let n = 0; n < count; n++, a += bytes, out += bytes) {
    for (let m = 0; m < mixes; m++) {
      const share = mix + <usize>m * bytes
      const to = out + <usize>m * outStride
      for (let at: usize = 0; at < bytes; at += 16) {
        const old = v128.load(last + at)
        const change = f32x4.sub(v128.load(a + at), old)
        v128.store(to + at, f32x4.add(old, f32x4.mul(change, v128.load(share + at))))
      }
    }
    last = a
  }
}

/** What the next step finds before its first token: `before` becomes the last row of a, f32 (count, C). */
export function storeShift(a: usize, count: i32, C: i32, before: usize): void {
  const bytes = <usize>C << 2
  memory.copy(before, a + <usize>(count - 1) * bytes, bytes)
}

export const SQUARED_RELU: i32 = 1
export const SIGMOID: i32 = 2
export const TANH: i32 = 3
export const SILU: i32 = 4

/** The first `columns` numbers of `count` rows, by themselves, through a function. `columns` is a multiple of 4. */
export function activate(kind: i32, x: usize, count: i32, columns: i32, stride: usize): void {
  for (let n = 0; n < count; n++, x += stride) {
    const end = x + (<usize>columns << 2)
    if (kind == SQUARED_RELU) for (let at = x; at < end; at += 16) v128.store(at, squaredRelu(v128.load(at)))
    else if (kind == SIGMOID) for (let at = x; at < end; at += 16) v128.store(at, sigmoid(v128.load(at)))
    else if (kind == TANH) for (let at = x; at < end; at += 16) v128.store(at, tanh(v128.load(at)))
    else for (let at = x; at < end; at += 16) v128.store(at, silu(v128.load(at)))
  }
}

/** x += y, `length` numbers. */
export function add(x: usize, y: usize, length: i32): void {
  for (const end = x + (<usize>length << 2); x < end; x += 16, y += 16) {
    v128.store(x, f32x4.add(v128.load(x), v128.load(y)))
  }
}

/** x[n] += gate[n] · y[n], f32 (count, C); gates are `gateStride` bytes apart. */
export function addGated(x: usize, y: usize, gate: usize, gateStride: usize, count: i32, C: i32): void {
  const bytes = <usize>C << 2
  for (let n = 0; n < count; n++, x += bytes, y += bytes, gate += gateStride) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(x + at, f32x4.add(v128.load(x + at), f32x4.mul(v128.load(gate + at), v128.load(y + at))))
    }
  }
}
