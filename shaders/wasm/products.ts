// Products of a weight matrix with token rows. `from` and `to` are rows of the matrix, so that threads can share them.

import { blocksOf } from './blocks'
import {
  BF16,
  decode,
  F16,
  F32,
  fromBrain,
  fromHalf,
  leastOf,
  outlierColumn,
  outlierOf,
  Q4,
  Q8,
  scaleOf,
} from './codecs'
import { dotLevels, Q4_1, Q4_K, Q5_1, Q5_K, Q6_K } from './levels'
import { multiplyAdd, sum } from './simd'

/** The largest integer of a quantised token row. A block's sum of products with bytes stays far below 2^31. */
const MOST: f32 = 32767

/**
 * A token row for products with formats that go by blocks: for each block of 32 columns sixteen-bit integers, whose largest magnitude is
 * 32767, i16 (blocks · 32); then f32 (blocks) what they are to be multiplied by, and f32 (blocks) the sums of the block.
 */
export function quantize(x: usize, columns: i32, out: usize): void {
  const blocks = blocksOf(columns)
  let scales = out + (<usize>blocks << 6)
  const end = x + (<usize>columns << 2)
  for (let b = 0; b < blocks; b++, x += 128, out += 64, scales += 4) {
    const last = min<usize>(x + 128, end)
    let most = f32x4.splat(0)
    let total = f32x4.splat(0)
    for (let at = x; at < last; at += 16) {
      const four = v128.load(at)
      most = f32x4.max(most, f32x4.abs(four))
      total = f32x4.add(total, four)
    }
    const largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    )
    store<f32>(scales, largest / MOST)
    store<f32>(scales + (<usize>blocks << 2), sum(total))
    const perScale = f32x4.splat(largest > 0 ? MOST / largest : 0)
    for (let at: usize = 0; at < 128; at += 32) {
      const low = x + at < last ? integers(x + at, perScale) : i32x4.splat(0)
      const high = x + at + 16 < last ? integers(x + at + 16, perScale) : i32x4.splat(0)
      v128.store(out + (at >> 1), i16x8.narrow_i32x4_s(low, high))
    }
  }
}

@inline
function integers(at: usize, perScale: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), perScale)))
}

/**
 * One token row: out[r] = matrix[r] · x. Rows are read one after another, which memory is fastest at.
 * `quantized` is `x` by `quantize`, for formats that go by blocks.
 */
export function matvec(
  codec: i32,
  matrix: usize,
  rowBytes: usize,
  from: i32,
  to: i32,
  columns: i32,
  x: usize,
  quantized: usize,
  out: usize,
): void {
  let row = matrix + <usize>from * rowBytes
  const end = out + (<usize>to << 2)
  out += <usize>from << 2
  if (codec == F32) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dot(F32, row, columns, x))
  else if (codec == F16) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dot(F16, row, columns, x))
  else if (codec == BF16) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dot(BF16, row, columns, x))
  else if (codec == Q8) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotQ8(row, columns, quantized))
  else if (codec == Q4) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotQ4(row, columns, x, quantized))
  else if (codec == Q4_1) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotLevels(Q4_1, row, columns, quantized))
  else if (codec == Q5_1) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotLevels(Q5_1, row, columns, quantized))
  else if (codec == Q4_K) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotLevels(Q4_K, row, columns, quantized))
  else if (codec == Q5_K) for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotLevels(Q5_K, row, columns, quantized))
  else for (; out < end; out += 4, row += rowBytes) store<f32>(out, dotLevels(Q6_K, row, columns, quantized))
}

@inline
function four(codec: i32, at: usize): v128 {
  if (codec == F16) return fromHalf(at)
  if (codec == BF16) return fromBrain(at)
  return v128.load(at)
}

/** Four sums, so that none waits for the one before. */
@inline
function dot(codec: i32, row: usize, columns: i32, x: usize): f32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  const step: usize = codec == F32 ? 16 : 8 // bytes of four weights
  const end = x + (<usize>columns << 2)
  for (const last = end - 48; x < last; x += 64, row += 4 * step) {
    a = multiplyAdd(four(codec, row), v128.load(x), a)
    b = multiplyAdd(four(codec, row + step), v128.load(x, 16), b)
    c = multiplyAdd(four(codec, row + 2 * step), v128.load(x, 32), c)
    d = multiplyAdd(four(codec, row + 3 * step), v128.load(x, 48), d)
  }
  for (; x < end; x += 16, row += step) a = multiplyAdd(four(codec, row), v128.load(x), a)
  return sum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
}

@inline
function dotQ8(row: usize, columns: i32, x: usize): f32 {
  const blocks = blocksOf(columns)
  const end = row + (<usize>blocks << 5)
  let extra = end
  let scales = x + (<usize>blocks << 6)
  let total = f32x4.splat(0)
  for (; row < end; row += 32, x += 64, extra += 4, scales += 4) {
    const integers = i32x4.add(
      i32x4.add(
        i32x4.dot_i16x8_s(v128.load_ext<i8>(row), v128.load(x)),
        i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), v128.load(x, 16)),
      ),
      i32x4.add(
        i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), v128.load(x, 32)),
        i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), v128.load(x, 48)),
      ),
    )
    total = multiplyAdd(f32x4.convert_i32x4_s(integers), f32x4.splat(load<f32>(scales) * load<f32>(extra)), total)
  }
  return sum(total)
}

/** The outlier's level is 0, so that the least of its block stands in its place: the difference is added. */
@inline
function dotQ4(row: usize, columns: i32, values: usize, x: usize): f32 {
  const blocks = blocksOf(columns)
  const end = row + (<usize>blocks << 4)
  let extra = end
  let scales = x + (<usize>blocks << 6)
  const toSum = <usize>blocks << 2
  let total = f32x4.splat(0)
  let rest: f32 = 0
  for (; row < end; row += 16, x += 64, extra += 8, scales += 4, values += 128) {
    const quants = v128.load(row)
    const low = v128.and(quants, i8x16.splat(15))
    const high = i8x16.shr_u(quants, 4)
    const integers = i32x4.add(
      i32x4.add(
        i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), v128.load(x)),
        i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), v128.load(x, 16)),
      ),
      i32x4.add(
        i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), v128.load(x, 32)),
        i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), v128.load(x, 48)),
      ),
    )
    total = multiplyAdd(f32x4.convert_i32x4_s(integers), f32x4.splat(load<f32>(scales) * scaleOf(extra)), total)
    const least = leastOf(extra)
    const behind = load<f32>(values + (outlierColumn(extra) << 2))
    rest += least * load<f32>(scales + toSum) + (outlierOf(extra) - least) * behind
  }
  return sum(total) + rest
}

/** Rows that are decoded at a time, then multiplied with every token row. */
const ROWS: i32 = 8

/**
 * `count` token rows: out[n, r] = matrix[r] · x[n]. Strides are in bytes. `scratch` has room for 8 rows in f32, with
 * columns of whole blocks.
 */
export function matmul(
  codec: i32,
  matrix: usize,
  rowBytes: usize,
  from: i32,
  to: i32,
  columns: i32,
  x: usize,
  xStride: usize,
  count: i32,
  out: usize,
  outStride: usize,
  scratch: usize,
): void {
  const isPlain = codec == F32
  const stride = isPlain ? rowBytes : <usize>blocksOf(columns) << 7
  for (let r = from; r < to; r += ROWS) {
    const rows = min(ROWS, to - r)
    const encoded = matrix + <usize>r * rowBytes
    if (!isPlain) {
      for (let i = 0; i < rows; i++) decode(codec, encoded + <usize>i * rowBytes, columns, scratch + <usize>i * stride)
    }
    const first = isPlain ? encoded : scratch
    let n = 0
    for (; n + 4 <= count; n += 4) {
      const tokens = x + <usize>n * xStride
      const to = out + <usize>n * outStride + (<usize>r << 2)
      let i = 0
      for (; i + 2 <= rows; i += 2) {
        const row = first + <usize>i * stride
        tile(row, row + stride, columns, tokens, xStride, to + (<usize>i << 2), outStride)
      }
      if (i < rows) {
        for (let t = 0; t < 4; t++) {
          const product = dot(F32, first + <usize>i * stride, columns, tokens + <usize>t * xStride)
          store<f32>(to + <usize>t * outStride + (<usize>i << 2), product)
        }
      }
    }
    for (; n < count; n++) {
      const to = out + <usize>n * outStride + (<usize>r << 2)
      for (let i = 0; i < rows; i++) {
        store<f32>(to + (<usize>i << 2), dot(F32, first + <usize>i * stride, columns, x + <usize>n * xStride))
      }
    }
  }
}

/** Two rows times four token rows: each number that is read is used more than once. */
function tile(a: usize, b: usize, columns: i32, x0: usize, xStride: usize, out: usize, outStride: usize): void {
  let a0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let a2 = f32x4.splat(0)
  let a3 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let b2 = f32x4.splat(0)
  let b3 = f32x4.splat(0)
  let x1 = x0 + xStride
  let x2 = x1 + xStride
  let x3 = x2 + xStride
  const end = a + (<usize>columns << 2)
  for (; a < end; a += 16, b += 16, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const wa = v128.load(a)
    const wb = v128.load(b)
    const t0 = v128.load(x0)
    a0 = multiplyAdd(wa, t0, a0)
    b0 = multiplyAdd(wb, t0, b0)
    const t1 = v128.load(x1)
    a1 = multiplyAdd(wa, t1, a1)
    b1 = multiplyAdd(wb, t1, b1)
    const t2 = v128.load(x2)
    a2 = multiplyAdd(wa, t2, a2)
    b2 = multiplyAdd(wb, t2, b2)
    const t3 = v128.load(x3)
    a3 = multiplyAdd(wa, t3, a3)
    b3 = multiplyAdd(wb, t3, b3)
  }
  storePair(out, a0, b0)
  storePair(out + outStride, a1, b1)
  storePair(out + 2 * outStride, a2, b2)
  storePair(out + 3 * outStride, a3, b3)
}

@inline
function storePair(out: usize, a: v128, b: v128): void {
  store<f32>(out, sum(a))
  store<f32>(out, sum(b), 4)
}

/**
 * The matrix the other way round: out[n] = Σ over `rows` rows r of x[n, r] · matrix[r], for `count` token rows. Strides are
 * in bytes, `rows` a multiple of 4. `scratch` has room for 4 rows in f32.
 */
export function sumRows(
  codec: i32,
  matrix: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
  x: usize,
  xStride: usize,
  count: i32,
  out: usize,
  outStride: usize,
  scratch: usize,
): void {
  const isPlain = codec == F32
  const stride = isPlain ? rowBytes : <usize>columns << 2
  for (let n = 0; n < count; n++) memory.fill(out + <usize>n * outStride, 0, <usize>columns << 2)
  for (let r = 0; r < rows; r += 4) {
    const encoded = matrix + <usize>r * rowBytes
    if (!isPlain) {
      for (let i = 0; i < 4; i++) decode(codec, encoded + <usize>i * rowBytes, columns, scratch + <usize>i * stride)
    }
    const first = isPlain ? encoded : scratch
    for (let n = 0; n < count; n++) {
      const weights = x + <usize>n * xStride + (<usize>r << 2)
      const w0 = v128.load_splat<f32>(weights)
      const w1 = v128.load_splat<f32>(weights, 4)
      const w2 = v128.load_splat<f32>(weights, 8)
      const w3 = v128.load_splat<f32>(weights, 12)
      let row = first
      let at = out + <usize>n * outStride
      for (const end = row + (<usize>columns << 2); row < end; row += 16, at += 16) {
        let total = multiplyAdd(w0, v128.load(row), v128.load(at))
        total = multiplyAdd(w1, v128.load(row + stride), total)
        total = multiplyAdd(w2, v128.load(row + 2 * stride), total)
        v128.store(at, multiplyAdd(w3, v128.load(row + 3 * stride), total))
      }
    }
  }
}
