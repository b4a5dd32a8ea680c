// Scale and offset of a block in six bits each (GGUF's Q4_K, Q5_K), to be multiplied by two numbers of eight blocks: scale =
// a · code, offset = -b · code, exact in f32. First the codes, two bytes for a block, then a and b as f32 for eight blocks:
// f16, which they come from, has denormal numbers, which a GPU may take for zeros.

fn eights_of(blocks: u32) -> u32 {
  return (blocks + 7u) / 8u;
}

// vec4s of a row.
fn range_length(blocks: u32) -> u32 {
  return eights_of(blocks) + (eights_of(blocks) + 1u) / 2u;
}

// Those of a block, of a row in which they begin at `at`.
fn range_of(at: u32, block: u32, blocks: u32) -> Range {
  let eight = block / 8u;
  let codes = weight[at + eight][block % 8u / 2u] >> (block % 2u * 16u);
  let factors = weight[at + eights_of(blocks) + eight / 2u];
  let a = bitcast<f32>(select(factors.x, factors.z, eight % 2u == 1u));
  let b = bitcast<f32>(select(factors.y, factors.w, eight % 2u == 1u));
  return Range(vec2f(a * f32(codes & 255u)), vec2f(-b * f32((codes >> 8u) & 255u)));
}
