// Functions of four numbers at a time.

/** x0 + x1 + x2 + x3. */
@inline
export function sum(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
}

/** a · b + c, rounded once where the machine can. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/**
 * e^x within 2 units in the last place; 0 where that is too small for a normal number. x = n · ln 2 + r, and e^r is a
 * polynomial. Its coefficients, and ln 2 in two parts whose first has few bits, are those of the Cephes library (S. Moshier).
 */
@inline
export function exp(x: v128): v128 {
  const within = f32x4.max(f32x4.min(x, f32x4.splat(88.3)), f32x4.splat(-87.3))
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(1.44269504)))
  const r = f32x4.sub(
    f32x4.sub(within, f32x4.mul(n, f32x4.splat(0.693359375))),
    f32x4.mul(n, f32x4.splat(-2.12194440e-4)),
  )
  let p = f32x4.splat(1.9875691500e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return v128.and(f32x4.mul(p, power), f32x4.gt(x, f32x4.splat(-87.3)))
}

/** 1 / (1 + e^-x). */
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))))
}

/** x · sigmoid(x). */
@inline
export function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x))
}

/** max(x, 0)². */
@inline
export function squaredRelu(x: v128): v128 {
  const positive = f32x4.max(x, f32x4.splat(0))
  return f32x4.mul(positive, positive)
}

/** Within 2e-7, which is not relative: of small x few digits are left. */
@inline
export function tanh(x: v128): v128 {
  return f32x4.sub(f32x4.mul(f32x4.splat(2), sigmoid(f32x4.add(x, x))), f32x4.splat(1))
}
