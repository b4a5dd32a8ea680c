// The inputs of RWKV-6's time-mix. Source: arXiv 2404.05892; the same as shaders/low-rank/mix.wgsl.

/**
 * One entry, `inputs` in place: inputs[q, n] = a[n] + (a[n - 1] - a[n]) · (mixes[q] + inputs[q, n]), f32 (count of mixes, ·, C)
 * with `stride` bytes from one q to the next. `a` is f32 (rows, C), a[-1] is in `before`; `mixes` (count of mixes, C).
 */
export function mixInputs(
  a: usize,
  rows: i32,
  C: i32,
  mixes: usize,
  mixCount: i32,
  before: usize,
  inputs: usize,
  stride: usize,
): void {
  const bytes = <usize>C << 2
  let last = before
  for (let n = 0; n < rows; n++, a += bytes, inputs += bytes) {
    for (let q = 0; q < mixCount; q++) {
      const mix = mixes + <usize>q * bytes
      const input = inputs + <usize>q * stride
      for (let at: usize = 0; at < bytes; at += 16) {
        const own = v128.load(a + at)
        const share = f32x4.add(v128.load(mix + at), v128.load(input + at))
        v128.store(input + at, f32x4.add(own, f32x4.mul(f32x4.sub(v128.load(last + at), own), share)))
      }
    }
    last = a
  }
}
