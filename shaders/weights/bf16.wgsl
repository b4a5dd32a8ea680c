// Weights in bfloat16, row-major, two to a u32: the upper half of an f32 each, so that decoding is a shift and exact.

@group(0) @binding(2) var<storage, read> weight: array<vec2u>;      // (rows of this piece, columns / 4), 4 values each

// The four weights at row · columns / 4 + column / 4.
fn weight4(at: u32) -> vec4f {
  let pairs = weight[at];
  return bitcast<vec4f>(vec4u(pairs.x << 16u, pairs.x & 0xffff0000u, pairs.y << 16u, pairs.y & 0xffff0000u));
}
