// A scale for each half of a block in eight bits (GGUF's Q6_K), to be multiplied by a number of eight blocks: scale = a · (byte
// - 128), and q counts from -32, exact in f32. First the bytes, two for a block, then a as f32 for eight blocks.

fn eights_of(blocks: u32) -> u32 {
  return (blocks + 7u) / 8u;
}

// vec4s of a row.
fn range_length(blocks: u32) -> u32 {
  return eights_of(blocks) + (eights_of(blocks) + 3u) / 4u;
}

// Those of a block, of a row in which they begin at `at`.
fn range_of(at: u32, block: u32, blocks: u32) -> Range {
  let eight = block / 8u;
  let bytes = weight[at + eight][block % 8u / 2u] >> (block % 2u * 16u);
  let a = bitcast<f32>(weight[at + eights_of(blocks) + eight / 4u][eight % 4u]);
  let scale = a * (vec2f(f32(bytes & 255u), f32((bytes >> 8u) & 255u)) - 128.0);
  return Range(scale, -32.0 * scale);
}
