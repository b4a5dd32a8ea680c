// The second halves of the low-rank products, computed where they are used: for a single token, which saves a dispatch.
// Counterpart: low-rank-ready.wgsl.
// Needs: weights/{f32,f16,bf16}.wgsl; split_sum of v7/wkv.wgsl.

@group(0) @binding(8) var<storage, read> low: array<f32>;           // (N, ranks of v w a g)

struct LowRank {
  v: vec4f,
  w: vec4f,
  a: vec4f,
  g: vec4f,
}

// low[n, first …] times rows `first` … of the second halves, which lie (in, out), at four channels.
fn low_product(n: u32, first: u32, rank: u32, c: u32, channel: u32, split: u32, lane: u32) -> vec4f {
  let place = place_of(c, C / 4u);
  let ranks = params.v_rank + params.w_rank + params.a_rank + params.g_rank;
  var sum = vec4f();
  for (var i = first + split; i < first + rank; i += SPLIT) {
    sum += low[n * ranks + i] * weight4(row_of(i, C / 4u), place);
  }
  return split_sum(sum, channel, lane);
}

fn low_rank(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> LowRank {
  let w = params.v_rank;
  let a = w + params.w_rank;
  let g = a + params.a_rank;
  return LowRank(
    low_product(n, 0u, params.v_rank, c, channel, split, lane),
    low_product(n, w, params.w_rank, c, channel, split, lane),
    low_product(n, a, params.a_rank, c, channel, split, lane),
    low_product(n, g, params.g_rank, c, channel, split, lane),
  );
}
