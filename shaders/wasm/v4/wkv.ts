// The WKV recurrence of RWKV-4. Source: arXiv 2305.13048; the same steps as shaders/v4/wkv-step.wgsl.

import { exp, sigmoid } from '../simd'

/**
 * One entry: out[n] = sigmoid(r) ⊙ wkv(k, v), f32 (count, C). `kvr` is f32 (count, 3, C), `time` (2, C): u and w. The sums
 * aa, bb, pp, f32 (3, C) at `sums`, move on. `watched`, if not 0, gets wkv as it is before the receptance.
 */
export function wkv4(kvr: usize, count: i32, C: i32, time: usize, sums: usize, out: usize, watched: usize): void {
  const bytes = <usize>C << 2
  for (let n = 0; n < count; n++, kvr += 3 * bytes, out += bytes) {
    for (let c: usize = 0; c < bytes; c += 16) {
      const k = v128.load(kvr + c)
      const v = v128.load(kvr + bytes + c)
      const aa = v128.load(sums + c)
      const bb = v128.load(sums + bytes + c)
      const pp = v128.load(sums + 2 * bytes + c)

      // what this token sees: the past, and itself with the bonus u
      const bonus = f32x4.add(v128.load(time + c), k)
      const seenExponent = f32x4.max(pp, bonus)
      const past = exp(f32x4.sub(pp, seenExponent))
      const own = exp(f32x4.sub(bonus, seenExponent))
      const seen = f32x4.div(
        f32x4.add(f32x4.mul(past, aa), f32x4.mul(own, v)),
        f32x4.add(f32x4.mul(past, bb), own),
      )
      if (watched) v128.store(watched + <usize>n * bytes + c, seen)
      v128.store(out + c, f32x4.mul(sigmoid(v128.load(kvr + 2 * bytes + c)), seen))

      // what it leaves behind: everything decays by w, then k, v join
      const faded = f32x4.add(pp, v128.load(time + bytes + c))
      const exponent = f32x4.max(faded, k)
      const left = exp(f32x4.sub(faded, exponent))
      const joins = exp(f32x4.sub(k, exponent))
      v128.store(sums + c, f32x4.add(f32x4.mul(left, aa), f32x4.mul(joins, v)))
      v128.store(sums + bytes + c, f32x4.add(f32x4.mul(left, bb), joins))
      v128.store(sums + 2 * bytes + c, exponent)
    }
  }
}
