// The time-mix of RWKV-7 between its products. Source: arXiv 2503.14456; the same steps as shaders/v7/wkv.wgsl, whose header
// has the formula.

import { groupNorm } from '../heads/norm'
import { exp, sigmoid, sum } from '../simd'

/**
 * One entry, its heads from `from` to `to`: f32 (count, C) at `out`. `rkv` is f32 (count, 3, C), `low` (count, 4, C): the
 * low-rank products of v, w, a, g; `vectors` (8, C): w0 a0 v0 k_k k_a r_k, scale and bias of ln_x. S of the layer, f32 head
 * by head (key, value), moves on. `first`, f32 (count, C), is v of layer 0: written there, mixed into v where `isFirst` is 0.
 * `watched`, if not 0, gets y as it is before norm and gate. `scratch` has room for 6 rows of a head.
 */
export function wkv7(
  rkv: usize,
  low: usize,
  count: i32,
  C: i32,
  head: i32,
  from: i32,
  to: i32,
  vectors: usize,
  s: usize,
  first: usize,
  isFirst: i32,
  out: usize,
  watched: usize,
  scratch: usize,
): void {
  const bytes = <usize>C << 2
  const headBytes = <usize>head << 2
  const key = scratch
  const removal = key + headBytes
  const decay = removal + headBytes
  const write = decay + headBytes // kk · a
  const value = write + headBytes
  const y = value + headBytes
  const one = f32x4.splat(1)
  for (let n = 0; n < count; n++, rkv += 3 * bytes, low += 4 * bytes) {
    for (let h = from; h < to; h++) {
      const start = <usize>h * headBytes // of the head's channels
      let lengths = f32x4.splat(0)
      let bonuses = f32x4.splat(0)
      for (let c: usize = 0; c < headBytes; c += 16) {
        const at = start + c
        const r = v128.load(rkv + at)
        const k = v128.load(rkv + bytes + at)
        let v = v128.load(rkv + 2 * bytes + at)
        const w = sigmoid(f32x4.add(v128.load(vectors + at), v128.load(low + bytes + at)))
        v128.store(decay + c, exp(f32x4.mul(f32x4.splat(-0.6065306597126334), w)))
        const rate = sigmoid(f32x4.add(v128.load(vectors + bytes + at), v128.load(low + 2 * bytes + at)))
        const firstAt = first + <usize>n * bytes + at
        if (isFirst) {
          v128.store(firstAt, v)
        } else {
          const share = sigmoid(f32x4.add(v128.load(vectors + 2 * bytes + at), v128.load(low + at)))
          v = f32x4.add(v, f32x4.mul(f32x4.sub(v128.load(firstAt), v), share))
        }
        v128.store(value + c, v)
        const kk = f32x4.mul(k, v128.load(vectors + 3 * bytes + at))
        v128.store(removal + c, kk)
        v128.store(write + c, rate)
        lengths = f32x4.add(lengths, f32x4.mul(kk, kk))
        const learned = f32x4.add(one, f32x4.mul(f32x4.sub(rate, one), v128.load(vectors + 4 * bytes + at)))
        const changed = f32x4.mul(k, learned)
        v128.store(key + c, changed)
        bonuses = f32x4.add(bonuses, f32x4.mul(f32x4.mul(r, changed), v128.load(vectors + 5 * bytes + at)))
      }
      const unit = f32x4.splat(1 / max<f32>(sqrt<f32>(sum(lengths)), 1e-12))
      for (let c: usize = 0; c < headBytes; c += 16) {
        const kk = f32x4.mul(v128.load(removal + c), unit)
        v128.store(removal + c, kk)
        v128.store(write + c, f32x4.mul(v128.load(write + c), kk))
      }
      recur(s + start * <usize>head, head, key, removal, decay, write, value, rkv + start, y)
      if (watched) memory.copy(watched + <usize>n * bytes + start, y, headBytes)

      groupNorm(y, head, vectors + 6 * bytes + start, vectors + 7 * bytes + start)
      const bonus = f32x4.splat(sum(bonuses))
      for (let c: usize = 0; c < headBytes; c += 16) {
        const answer = f32x4.add(v128.load(y + c), f32x4.mul(bonus, v128.load(value + c)))
        v128.store(out + <usize>n * bytes + start + c, f32x4.mul(answer, v128.load(low + 3 * bytes + start + c)))
      }
    }
  }
}

/**
 * S[j] <- S[j] · d[j] - (Σ over j of S[j] · kk[j]) · write[j] + v · k[j], and y = Σ over j of S[j] · r[j], S[j] being the row of
 * key channel j. Sixteen value channels at a time, whose sums stay in registers.
 */
@inline
function recur(
  s: usize,
  head: i32,
  key: usize,
  removal: usize,
  decay: usize,
  write: usize,
  value: usize,
  receptance: usize,
  y: usize,
): void {
  const headBytes = <usize>head << 2
  for (let i: usize = 0; i < headBytes; i += 64) {
    let o0 = f32x4.splat(0)
    let o1 = f32x4.splat(0)
    let o2 = f32x4.splat(0)
    let o3 = f32x4.splat(0)
    let row = s + i
    for (let j: usize = 0; j < headBytes; j += 4, row += headBytes) {
      const kk = v128.load_splat<f32>(removal + j)
      o0 = f32x4.add(o0, f32x4.mul(v128.load(row), kk))
      o1 = f32x4.add(o1, f32x4.mul(v128.load(row, 16), kk))
      o2 = f32x4.add(o2, f32x4.mul(v128.load(row, 32), kk))
      o3 = f32x4.add(o3, f32x4.mul(v128.load(row, 48), kk))
    }
    const v0 = v128.load(value + i)
    const v1 = v128.load(value + i, 16)
    const v2 = v128.load(value + i, 32)
    const v3 = v128.load(value + i, 48)
    let y0 = f32x4.splat(0)
    let y1 = f32x4.splat(0)
    let y2 = f32x4.splat(0)
    let y3 = f32x4.splat(0)
    row = s + i
    for (let j: usize = 0; j < headBytes; j += 4, row += headBytes) {
      const d = v128.load_splat<f32>(decay + j)
      const w = v128.load_splat<f32>(write + j)
      const k = v128.load_splat<f32>(key + j)
      const r = v128.load_splat<f32>(receptance + j)
      const s0 = next(v128.load(row), d, o0, w, v0, k)
      const s1 = next(v128.load(row, 16), d, o1, w, v1, k)
      const s2 = next(v128.load(row, 32), d, o2, w, v2, k)
      const s3 = next(v128.load(row, 48), d, o3, w, v3, k)
      v128.store(row, s0)
      v128.store(row, s1, 16)
      v128.store(row, s2, 32)
      v128.store(row, s3, 48)
      y0 = f32x4.add(y0, f32x4.mul(s0, r))
      y1 = f32x4.add(y1, f32x4.mul(s1, r))
      y2 = f32x4.add(y2, f32x4.mul(s2, r))
      y3 = f32x4.add(y3, f32x4.mul(s3, r))
    }
    v128.store(y + i, y0)
    v128.store(y + i, y1, 16)
    v128.store(y + i, y2, 32)
    v128.store(y + i, y3, 48)
  }
}

@inline
function next(s: v128, d: v128, old: v128, w: v128, v: v128, k: v128): v128 {
  return f32x4.add(f32x4.sub(f32x4.mul(s, d), f32x4.mul(old, w)), f32x4.mul(v, k))
}
