// What is added to the decay: for each token, as low-rank-out.wgsl left it, or the same for all. Counterpart: decay-here.wgsl.

@group(0) @binding(2) var<storage, read> decays: array<vec4f>;      // (N, C), or (C)

fn decay_of(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> vec4f {
  return decays[n * params.decay_stride4 + c];
}
