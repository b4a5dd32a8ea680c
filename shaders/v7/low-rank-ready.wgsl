// The second halves of the low-rank products, as v7/low-rank-out.wgsl left them. Counterpart: low-rank-here.wgsl.

@group(0) @binding(2) var<storage, read> ready: array<vec4f>;       // (N, 4, C)        v w a g

struct LowRank {
  v: vec4f,
  w: vec4f,
  a: vec4f,
  g: vec4f,
}

fn low_rank(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> LowRank {
  let c4 = C / 4u;
  let at = n * 4u * c4 + c;
  return LowRank(ready[at], ready[at + c4], ready[at + 2u * c4], ready[at + 3u * c4]);
}
