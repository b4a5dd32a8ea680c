// low-rank-out: the second halves of low-rank products, of RWKV-6 and 7.
//
//   product[n, q] = low[n, ranks of q] · W[ranks of q, ·]     for each of the products q
//
// Invocation: four channels of one q for TOKENS tokens; 8 are two 4 × 4 matrices in registers: each weight is read once.
// Grid: (ceil(C / 4 / WORKGROUP), PRODUCTS, ceil(N / TOKENS)).
// Needs: weights/{f32,f16,bf16}.wgsl, low-rank/*.wgsl, which says what becomes of a product.

override WORKGROUP: u32;
override PRODUCTS: u32;
override TOKENS: u32;            // 8, or 1 for steps of a single token

struct Params {
  ends: array<vec4u, 2>,         // where the ranks of each product end
  layer: u32,                    // of the layers below
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
  state_rows: u32,               // R: rows of C numbers that a layer remembers
}

struct Count {
  rows: u32,                     // N
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> count: Count;
@group(0) @binding(3) var<storage, read> low: array<f32>;           // (N, ranks)

// Where token n's row of `low` begins; tokens beyond the end read the last one once more.
fn low_of(n: u32, ranks: u32) -> u32 {
  return min(n, count.rows - 1u) * ranks;
}

fn end_of(q: u32) -> u32 {
  return params.ends[q / 4u][q % 4u];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c4 = params.channels / 4u;
  if (id.x >= c4) {
    return;
  }
  let q = id.y;
  let token = id.z * TOKENS;
  let start = select(0u, end_of(max(q, 1u) - 1u), q > 0u);
  let ranks = end_of(PRODUCTS - 1u);
  let at_first = vec4u(low_of(token, ranks), low_of(token + 1u, ranks), low_of(token + 2u, ranks), low_of(token + 3u, ranks));
  let at_second = vec4u(low_of(token + 4u, ranks), low_of(token + 5u, ranks), low_of(token + 6u, ranks), low_of(token + 7u, ranks));
  let place = place_of(id.x, c4);

  var first = mat4x4f();                                            // column t is token t's
  var second = mat4x4f();
  for (var i = start; i < end_of(q); i++) {
    let weights = weight4(row_of(i, c4), place);
    if (TOKENS == 1u) {
      first[0] += weights * low[at_first.x + i];
    } else {
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
  }

  let parts = array<mat4x4f, 2>(first, second);
  for (var t = 0u; t < TOKENS; t++) {
    if (token + t < count.rows) {
      put(token + t, q, id.x, parts[t / 4u][t % 4u]);
    }
  }
}
