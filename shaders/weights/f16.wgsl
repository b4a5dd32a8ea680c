// Weights in half precision, row-major, two to a u32: needs no shader-f16. Decoded to f32 before any arithmetic.

@group(0) @binding(2) var<storage, read> weight: array<vec2u>;      // (rows of this piece, columns / 4), 4 halves each

// The four weights at row · columns / 4 + column / 4.
fn weight4(at: u32) -> vec4f {
  let halves = weight[at];
  return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
