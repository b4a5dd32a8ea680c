// What a token adds to the decay of RWKV-6, computed where it is used. Counterpart: decay-ready.wgsl.
// Needs: heads/low-product.wgsl.

fn decay_of(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> vec4f {
  return add_up(low_product(n, params.rank, 0u, params.rank, c, split), channel, lane);
}
