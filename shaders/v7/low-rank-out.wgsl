// v7/low-rank-out: the second halves of the low-rank products of RWKV-7, for steps of several tokens.
//
//   out[n, q] = low[n, ranks of q] · W[ranks of q, ·]     for q = v, w, a, g
//
// Invocation: four channels of one q for 8 tokens, as two 4 × 4 matrices in registers: each weight is read once for 8.
// Grid: (ceil(C / 4 / WORKGROUP), 4, ceil(N / 8)).
// Needs: weights/{f32,f16,bf16}.wgsl.

override C: u32;                 // channels
override WORKGROUP: u32;

struct Params {
  v_rank: u32,                   // 0 in layer 0: nothing reads what is left of v there
  w_rank: u32,
  a_rank: u32,
  g_rank: u32,
}

struct Count {
  rows: u32,                     // N
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> count: Count;
@group(0) @binding(3) var<storage, read> low: array<f32>;           // (N, ranks of v w a g)
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (N, 4, C)

// Where token n's row of `low` begins; tokens beyond the end read the last one once more.
fn low_of(n: u32, ranks: u32) -> u32 {
  return min(n, count.rows - 1u) * ranks;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c4 = C / 4u;
  if (id.x >= c4) {
    return;
  }
  let ends = vec4u(
    params.v_rank,
    params.v_rank + params.w_rank,
    params.v_rank + params.w_rank + params.a_rank,
    params.v_rank + params.w_rank + params.a_rank + params.g_rank,
  );
  let q = id.y;
  let token = id.z * 8u;
  let start = select(0u, ends[max(q, 1u) - 1u], q > 0u);
  let at_first = vec4u(low_of(token, ends.w), low_of(token + 1u, ends.w), low_of(token + 2u, ends.w), low_of(token + 3u, ends.w));
  let at_second = vec4u(low_of(token + 4u, ends.w), low_of(token + 5u, ends.w), low_of(token + 6u, ends.w), low_of(token + 7u, ends.w));
  let place = place_of(id.x, c4);

  var first = mat4x4f();                                            // column t is token t's
  var second = mat4x4f();
  for (var i = start; i < ends[q]; i++) {
    let weights = weight4(row_of(i, c4), place);
    first += mat4x4f(
      weights * low[at_first.x + i],
      weights * low[at_first.y + i],
      weights * low[at_first.z + i],
      weights * low[at_first.w + i],
    );
    second += mat4x4f(
      weights * low[at_second.x + i],
      weights * low[at_second.y + i],
      weights * low[at_second.z + i],
      weights * low[at_second.w + i],
    );
  }

  let parts = array<mat4x4f, 2>(first, second);
  for (var t = 0u; t < 8u; t++) {
    if (token + t < count.rows) {
      out[((token + t) * 4u + q) * c4 + id.x] = parts[t / 4u][t % 4u];
    }
  }
}
