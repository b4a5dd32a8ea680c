// Weights as they are: f32, row-major.

override COLUMNS: u32;                                              // a multiple of 4

@group(0) @binding(2) var<storage, read> weight: array<vec4f>;      // (rows of this piece, COLUMNS / 4)

// The four weights at row · COLUMNS / 4 + column / 4.
fn weight4(at: u32) -> vec4f {
  return weight[at];
}
