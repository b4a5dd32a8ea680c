// Levels of six bits: the upper two are two u32s for each block, the first for columns 0 … 15. Of byte j of one, bits 2·w
// and 2·w + 1 belong to column 4·w + j of its half.

// vec4s of a row.
fn upper_length(blocks: u32) -> u32 {
  return (blocks + 1u) / 2u;
}

// Those of a block, of a row in which they begin at `at`.
fn upper_bits(at: u32, block: u32) -> vec2u {
  let two = weight[at + block / 2u];
  return select(two.xy, two.zw, block % 2u == 1u);
}

// Those of a word of four columns, at their places in it.
fn upper_of(upper: vec2u, word: u32) -> u32 {
  return ((upper[word / 4u] >> (word % 4u * 2u)) & 0x03030303u) << 4u;
}
