// Weights in bfloat16, row-major, two to a u32: the upper half of an f32 each, so that decoding is a shift and exact.

@group(0) @binding(2) var<storage, read> weight: array<vec2u>;      // (rows of this piece, columns / 4), 4 values each

alias Place = u32;               // of four columns in a row

// Where the weights of a row begin.
fn row_of(row: u32, columns4: u32) -> u32 {
  return row * columns4;
}

// Where columns 4·c … 4·c + 3 lie in any row.
fn place_of(c: u32, columns4: u32) -> Place {
  return c;
}

// The weights of a row at four columns.
fn weight4(row: u32, place: Place) -> vec4f {
  let pairs = weight[row + place];
  return bitcast<vec4f>(vec4u(pairs.x << 16u, pairs.x & 0xffff0000u, pairs.y << 16u, pairs.y & 0xffff0000u));
}
