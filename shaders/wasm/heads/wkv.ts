// The time-mix of RWKV-5 and 6 between its products. Source: arXiv 2404.05892; the same steps as shaders/heads/wkv.wgsl, whose
// header has the formula.

import { exp, sum } from '../simd'
import { groupNorm } from './norm'

/**
 * One entry, its heads from `from` to `to`: f32 (count, C) at `out`. `kvrg` is f32 (count, 4, C), whose gate is left out where
 * `isGated` is 0; `time` (2, C): decay and u; what a token adds to its decay is at `added`, `addedStride` bytes from one
 * token's to the next; `norm` (2, C): scale and bias. S of the layer, f32 head by head (key, value), moves on. `watched`, if
 * not 0, gets y as it is before norm and gate. `scratch` has room for 2 rows of a head.
 */
export function wkvHeads(
  kvrg: usize,
  count: i32,
  C: i32,
  head: i32,
  from: i32,
  to: i32,
  time: usize,
  added: usize,
  addedStride: usize,
  norm: usize,
  isGated: i32,
  s: usize,
  out: usize,
  watched: usize,
  scratch: usize,
): void {
  const bytes = <usize>C << 2
  const headBytes = <usize>head << 2
  const decay = scratch
  const y = decay + headBytes
  for (let n = 0; n < count; n++, kvrg += 4 * bytes, added += addedStride, out += bytes) {
    for (let h = from; h < to; h++) {
      const start = <usize>h * headBytes // of the head's channels
      const key = kvrg + start
      const value = key + bytes
      const receptance = value + bytes
      let bonuses = f32x4.splat(0)
      for (let c: usize = 0; c < headBytes; c += 16) {
        const at = start + c
        const fading = exp(f32x4.add(v128.load(time + at), v128.load(added + at)))
        v128.store(decay + c, exp(f32x4.neg(fading)))
        const known = f32x4.mul(v128.load(receptance + c), v128.load(key + c))
        bonuses = f32x4.add(bonuses, f32x4.mul(known, v128.load(time + bytes + at)))
      }
      recur(s + start * <usize>head, head, key, value, receptance, decay, sum(bonuses), y)
      if (watched) memory.copy(watched + <usize>n * bytes + start, y, headBytes)

      groupNorm(y, head, norm + start, norm + bytes + start)
      for (let c: usize = 0; c < headBytes; c += 16) {
        const said = v128.load(y + c)
        const gate = receptance + bytes + c
        v128.store(out + start + c, isGated ? f32x4.mul(said, v128.load(gate)) : said)
      }
    }
  }
}

/**
 * y = bonus · v + Σ over j of S[j] · r[j], and then S[j] <- S[j] · d[j] + v · k[j], S[j] being the row of key channel j. Sixteen
 * value channels at a time, whose sums stay in registers.
 */
@inline
function recur(
  s: usize,
  head: i32,
  key: usize,
  value: usize,
  receptance: usize,
  decay: usize,
  bonus: f32,
  y: usize,
): void {
  const headBytes = <usize>head << 2
  const own = f32x4.splat(bonus)
  for (let i: usize = 0; i < headBytes; i += 64) {
    const v0 = v128.load(value + i)
    const v1 = v128.load(value + i, 16)
    const v2 = v128.load(value + i, 32)
    const v3 = v128.load(value + i, 48)
    let y0 = f32x4.mul(own, v0)
    let y1 = f32x4.mul(own, v1)
    let y2 = f32x4.mul(own, v2)
    let y3 = f32x4.mul(own, v3)
    let row = s + i
    for (let j: usize = 0; j < headBytes; j += 4, row += headBytes) {
      const k = v128.load_splat<f32>(key + j)
      const r = v128.load_splat<f32>(receptance + j)
      const d = v128.load_splat<f32>(decay + j)
      const s0 = v128.load(row)
      const s1 = v128.load(row, 16)
      const s2 = v128.load(row, 32)
      const s3 = v128.load(row, 48)
      y0 = f32x4.add(y0, f32x4.mul(s0, r))
      y1 = f32x4.add(y1, f32x4.mul(s1, r))
      y2 = f32x4.add(y2, f32x4.mul(s2, r))
      y3 = f32x4.add(y3, f32x4.mul(s3, r))
      v128.store(row, f32x4.add(f32x4.mul(s0, d), f32x4.mul(v0, k)))
      v128.store(row, f32x4.add(f32x4.mul(s1, d), f32x4.mul(v1, k)), 16)
      v128.store(row, f32x4.add(f32x4.mul(s2, d), f32x4.mul(v2, k)), 32)
      v128.store(row, f32x4.add(f32x4.mul(s3, d), f32x4.mul(v3, k)), 48)
    }
    v128.store(y + i, y0)
    v128.store(y + i, y1, 16)
    v128.store(y + i, y2, 32)
    v128.store(y + i, y3, 48)
  }
}
