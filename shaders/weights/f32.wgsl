// Weights as they are: f32, row-major.

@group(0) @binding(2) var<storage, read> weight: array<vec4f>;      // (rows of this piece, columns / 4)

// The four weights at row · columns / 4 + column / 4.
fn weight4(at: u32) -> vec4f {
  return weight[at];
}
