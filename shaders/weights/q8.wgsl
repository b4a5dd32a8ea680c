// Weights in 8 bits, in blocks of 32 columns with a scale: weight = scale · q, q = -127 … 127. A row is the quants of its
// blocks, four to a u32, then their scales as f32; both padded to vec4s, the quants with zeros. See src/core/weight-layout.ts.
//
// The byte of columns 0, 1, 2 of four holds q + 128, that of column 3 is q itself: so a mask gives them times 1, 2^8, 2^16,
// 2^24, without the shifts that a software adapter does one by one. Without their EXCESS and times their FIELD they are q.

@group(0) @binding(2) var<storage, read> weight: array<vec4u>;      // (rows of this piece, row_length)

const FIELD = vec4f(1.0, 0x1p-8, 0x1p-16, 0x1p-24);
const EXCESS = vec4f(0x1p7, 0x1p15, 0x1p23, 0.0);

struct Place {
  quants: vec2u,                 // vec4 of a row, and which of its four
  scale: vec2u,
}

fn blocks_of(columns4: u32) -> u32 {
  return (columns4 + 7u) / 8u;
}

// Where the weights of a row begin.
fn row_of(row: u32, columns4: u32) -> u32 {
  let blocks = blocks_of(columns4);
  return row * (blocks * 2u + (blocks + 3u) / 4u);
}

// Where the scale of a block lies in any row.
fn scale_of(block: u32, columns4: u32) -> vec2u {
  return vec2u(blocks_of(columns4) * 2u + block / 4u, block % 4u);
}

// Where columns 4·c … 4·c + 3 lie in any row.
fn place_of(c: u32, columns4: u32) -> Place {
  return Place(vec2u(c / 4u, c % 4u), scale_of(c / 8u, columns4));
}

// The four columns of a word.
fn fields(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) & vec4u(0xffu, 0xff00u, 0xff0000u, 0xff000000u)));
}

// The weights of a row at four columns.
fn weight4(row: u32, place: Place) -> vec4f {
  let scale = bitcast<f32>(weight[row + place.scale.x][place.scale.y]);
  return scale * (fields(weight[row + place.quants.x][place.quants.y]) - EXCESS) * FIELD;
}
