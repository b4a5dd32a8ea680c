// Scale and offset of a block (GGUF's Q4_1, Q5_1): an f16 each, a u32 for a block.

// vec4s of a row.
fn range_length(blocks: u32) -> u32 {
  return (blocks + 3u) / 4u;
}

// Those of a block, of a row in which they begin at `at`.
fn range_of(at: u32, block: u32, blocks: u32) -> Range {
  let pair = unpack2x16float(weight[at + block / 4u][block % 4u]);
  return Range(pair.xx, pair.yy);
}
