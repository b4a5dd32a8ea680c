// Weights in 4 bits, in blocks of 32 columns: weight = least + scale · q, q = 0 … 15, but for one weight of each block, the
// outlier, which stands in full. A row is the quants of its blocks, eight to a u32, then two u32s for each block: scale and
// least, the upper half of an f32 each; the outlier as f32, whose last five bits are its column in the block and whose q is
// 0. See src/core/weight-layout.ts.
//
// The last of eight fields holds q - 8: so a mask gives q times 1, 16, … without the shifts that a software adapter does
// one by one. Without their EXCESS and times their FIELD they are q.

@group(0) @binding(2) var<storage, read> weight: array<vec4u>;      // (rows of this piece, row_length)

const FIELD_LOW = vec4f(1.0, 0x1p-4, 0x1p-8, 0x1p-12);              // columns 0 … 3 of a word
const FIELD_HIGH = vec4f(0x1p-16, 0x1p-20, 0x1p-24, 0x1p-28);       // columns 4 … 7
const EXCESS_HIGH = vec4f(0.0, 0.0, 0.0, -0x1p31);

struct Place {
  column: u32,                   // of the first of four, in its block
  quants: vec2u,                 // vec4 of a row, and which of its four
  extra: vec2u,
}

struct Extra {
  scale: f32,
  least: f32,
  outlier: f32,
  outlier_column: u32,
}

fn blocks_of(columns4: u32) -> u32 {
  return (columns4 + 7u) / 8u;
}

// Where the weights of a row begin.
fn row_of(row: u32, columns4: u32) -> u32 {
  let blocks = blocks_of(columns4);
  return row * (blocks + (blocks + 1u) / 2u);
}

// Where in any row it lies what belongs to a block.
fn extra_of(block: u32, columns4: u32) -> vec2u {
  return vec2u(blocks_of(columns4) + block / 2u, block % 2u * 2u);
}

fn extra_at(row: u32, place: vec2u) -> Extra {
  let range = weight[row + place.x][place.y];
  let outlier = weight[row + place.x][place.y + 1u];
  return Extra(
    bitcast<f32>(range & 0xffff0000u), bitcast<f32>(range << 16u), bitcast<f32>(outlier & 0xffffffe0u), outlier & 31u);
}

// Where columns 4·c … 4·c + 3 lie in any row.
fn place_of(c: u32, columns4: u32) -> Place {
  return Place(c % 8u * 4u, vec2u(c / 8u, c % 8u / 2u), extra_of(c / 8u, columns4));
}

// The first and the last four columns of a word.
fn fields_low(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) & vec4u(0xfu, 0xf0u, 0xf00u, 0xf000u)));
}

fn fields_high(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) & vec4u(0xf0000u, 0xf00000u, 0xf000000u, 0xf0000000u)));
}

// The weights of a row at four columns.
fn weight4(row: u32, place: Place) -> vec4f {
  let word = weight[row + place.quants.x][place.quants.y];
  let extra = extra_at(row, place.extra);
  let is_high = place.column % 8u == 4u;
  let q = select(fields_low(word) * FIELD_LOW, (fields_high(word) - EXCESS_HIGH) * FIELD_HIGH, is_high);
  let columns = vec4u(place.column) + vec4u(0u, 1u, 2u, 3u);
  return select(extra.least + extra.scale * q, vec4f(extra.outlier), columns == vec4u(extra.outlier_column));
}
