// The second halves of the low-rank products, computed where they are used: for a single token, which saves a dispatch.
// Counterpart: low-rank-ready.wgsl.
// Needs: weights/{f32,f16,bf16}.wgsl, and the overrides of v7/wkv.wgsl.

@group(0) @binding(8) var<storage, read> low: array<f32>;           // (N, ranks of v w a g)

struct LowRank {
  v: vec4f,
  w: vec4f,
  a: vec4f,
  g: vec4f,
}

var<workgroup> partial_v: array<vec4f, LANES>;
var<workgroup> partial_w: array<vec4f, LANES>;
var<workgroup> partial_a: array<vec4f, LANES>;
var<workgroup> partial_g: array<vec4f, LANES>;

// What invocation `split` adds to low[n, first …] times rows `first` … of the second halves, which lie (in, out).
fn low_product(n: u32, first: u32, rank: u32, c: u32, split: u32) -> vec4f {
  let place = place_of(c, C / 4u);
  let ranks = params.v_rank + params.w_rank + params.a_rank + params.g_rank;
  var sum = vec4f();
  for (var i = first + split; i < first + rank; i += SPLIT) {
    sum += low[n * ranks + i] * weight4(row_of(i, C / 4u), place);
  }
  return sum;
}

fn low_rank(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> LowRank {
  let w = params.v_rank;
  let a = w + params.w_rank;
  let g = a + params.a_rank;
  var sums = LowRank(
    low_product(n, 0u, params.v_rank, c, split),
    low_product(n, w, params.w_rank, c, split),
    low_product(n, a, params.a_rank, c, split),
    low_product(n, g, params.g_rank, c, split),
  );
  if (SPLIT > 1u) {
    partial_v[lane] = sums.v;
    partial_w[lane] = sums.w;
    partial_a[lane] = sums.a;
    partial_g[lane] = sums.g;
    workgroupBarrier();
    sums = LowRank(vec4f(), vec4f(), vec4f(), vec4f());
    for (var s = channel; s < LANES; s += HEAD4) {
      sums.v += partial_v[s];
      sums.w += partial_w[s];
      sums.a += partial_a[s];
      sums.g += partial_g[s];
    }
  }
  return sums;
}
