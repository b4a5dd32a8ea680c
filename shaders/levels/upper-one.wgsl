// Levels of five bits: the fifth ones are a u32 for each block, of whose byte j bit w belongs to column 4·w + j.

// vec4s of a row.
fn upper_length(blocks: u32) -> u32 {
  return (blocks + 3u) / 4u;
}

// Those of a block, of a row in which they begin at `at`.
fn upper_bits(at: u32, block: u32) -> vec2u {
  return vec2u(weight[at + block / 4u][block % 4u], 0u);
}

// Those of a word of four columns, at their places in it.
fn upper_of(upper: vec2u, word: u32) -> u32 {
  return ((upper.x >> word) & 0x01010101u) << 4u;
}
