// Levels of four bits have none above these.

fn upper_length(blocks: u32) -> u32 {
  return 0u;
}

fn upper_bits(at: u32, block: u32) -> vec2u {
  return vec2u();
}

fn upper_of(upper: vec2u, word: u32) -> u32 {
  return 0u;
}
