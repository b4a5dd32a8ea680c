// Weights as they are: f32, row-major.

@group(0) @binding(2) var<storage, read> weight: array<vec4f>;      // (rows of this piece, columns / 4)

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
  return weight[row + place];
}
