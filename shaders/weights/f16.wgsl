// Weights in half precision, row-major, two to a u32: needs no shader-f16. Decoded to f32 before any arithmetic.

@group(0) @binding(2) var<storage, read> weight: array<vec2u>;      // (rows of this piece, columns / 4), 4 halves each

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
  let halves = weight[row + place];
  return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
