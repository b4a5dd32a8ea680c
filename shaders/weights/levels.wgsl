// Weights in 4 to 6 bits as GGUF has them, in blocks of 32 columns: weight = scale · q + offset, a scale and an offset for
// columns 0 … 15 and for 16 … 31. A row is the lower four bits of its blocks, a vec4u each, of whose 16 bytes byte i has
// column i in its lower and column 16 + i in its upper half; then what bits there are above (levels/upper-*.wgsl); then what
// gives scales and offsets (levels/range-*.wgsl). Each of the three is padded to vec4s. See src/core/weight-layout.ts.
// Needs: levels/upper-*.wgsl, levels/range-*.wgsl.

@group(0) @binding(2) var<storage, read> weight: array<vec4u>;      // (rows of this piece, row_length)

const FIELD = vec4f(1.0, 0x1p-8, 0x1p-16, 0x1p-24);
const LOWER = 0x0f0f0f0fu;

// The first and the second half of a block.
struct Range {
  scale: vec2f,
  offset: vec2f,
}

struct Place {
  block: u32,
  word: u32,                     // of eight, four columns each
  blocks: u32,                   // of a row
}

fn blocks_of(columns4: u32) -> u32 {
  return (columns4 + 7u) / 8u;
}

// vec4s of a row in front of scales and offsets.
fn range_at(blocks: u32) -> u32 {
  return blocks + upper_length(blocks);
}

// Where the weights of a row begin.
fn row_of(row: u32, columns4: u32) -> u32 {
  let blocks = blocks_of(columns4);
  return row * (range_at(blocks) + range_length(blocks));
}

// Where columns 4·c … 4·c + 3 lie in any row.
fn place_of(c: u32, columns4: u32) -> Place {
  return Place(c / 8u, c % 8u, blocks_of(columns4));
}

// The four columns of a word, whose bytes are below 64, times 1, 2^8, 2^16, 2^24.
fn fields(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) & vec4u(0xffu, 0xff00u, 0xff0000u, 0xff000000u)));
}

// The weights of a row at four columns.
fn weight4(row: u32, place: Place) -> vec4f {
  let lower = (weight[row + place.block][place.word % 4u] >> (place.word / 4u * 4u)) & LOWER;
  let q = fields(lower | upper_of(upper_bits(row + place.blocks, place.block), place.word)) * FIELD;
  let range = range_of(row + range_at(place.blocks), place.block, place.blocks);
  let half = place.word / 4u;
  return range.scale[half] * q + range.offset[half];
}
