// The logistic function without an overflowing exp: WGSL may assume that infinity does not occur.

fn sigmoid4(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(e, vec4f(1.0), x >= vec4f(0.0)) / (1.0 + e);
}

fn sigmoid(x: f32) -> f32 {
  return sigmoid4(vec4f(x)).x;
}
