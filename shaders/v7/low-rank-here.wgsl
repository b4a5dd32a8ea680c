// The second halves of the low-rank products, computed where they are used: for a single token, which saves a dispatch.
// Counterpart: low-rank-ready.wgsl.
// Needs: heads/low-product.wgsl, and the parameters of v7/wkv.wgsl.

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

fn low_rank(n: u32, c: u32, channel: u32, split: u32, lane: u32) -> LowRank {
  let w = params.v_rank;
  let a = w + params.w_rank;
  let g = a + params.a_rank;
  let ranks = g + params.g_rank;
  var sums = LowRank(
    low_product(n, ranks, 0u, params.v_rank, c, split),
    low_product(n, ranks, w, params.w_rank, c, split),
    low_product(n, ranks, a, params.a_rank, c, split),
    low_product(n, ranks, g, params.g_rank, c, split),
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
