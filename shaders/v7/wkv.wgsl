// v7/wkv: the time-mix of RWKV-7 between its products: decay, in-context learning rate, value residual, the recurrence of
// each head, group norm, bonus and gate.
//
//   d = exp(-exp(-1/2) · sigmoid(w0 + w))     a = sigmoid(a0 + a)     v <- v + (v_first - v) · sigmoid(v0 + v'), but in layer 0
//   kk = k · k_k, of length 1 in each head    k <- k · (1 + (a - 1) · k_a)
//   S[i][j] <- S[i][j] · d[j] - (Σ S[i][·] · kk) · kk[j] · a[j] + v[i] · k[j]     y[i] = Σ S[i][j] · r[j]
//   out = (group norm(y) + (Σ over the head of r · k · r_k) · v) · g
//
// where v', w, a, g are the low-rank products of this token.
//
// Workgroup and grid: see heads/head.wgsl; (H, B, 1).
// Needs: heads/head.wgsl, shared/sigmoid.wgsl, v7/low-rank-{here,ready}.wgsl, heads/{watched,unwatched}.wgsl.
// Source: arXiv 2503.14456.

struct Params {
  layer: u32,                    // of those whose states lie in this buffer
  v_rank: u32,                   // 0 in layer 0, as all that is about v
  w_rank: u32,
  a_rank: u32,
  g_rank: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> rkv: array<vec4f>;         // (N, 3, C)
@group(0) @binding(4) var<storage, read> vectors: array<vec4f>;     // (8, C)           w0 a0 v0 k_k k_a r_k ln_x scale, bias
@group(0) @binding(6) var<storage, read_write> first: array<vec4f>; // (N, C)           v of layer 0
@group(0) @binding(7) var<storage, read_write> out: array<vec4f>;   // (N, C)

// Each is written once a token, and two barriers lie between its last reading and the next writing.
var<workgroup> receptances: array<vec4f, HEAD4>;
var<workgroup> keys: array<vec4f, HEAD4>;
var<workgroup> removals: array<vec4f, HEAD4>;    // kk
var<workgroup> decays: array<vec4f, HEAD4>;
var<workgroup> rates: array<vec4f, HEAD4>;       // a
var<workgroup> products: array<vec2f, HEAD4>;    // kk · kk and r · k · r_k of four channels
var<workgroup> partial_olds: array<vec4f, LANES>;

// One of `vectors`, at four channels.
fn vector_of(row: u32, c: u32) -> vec4f {
  return vectors[row * (C / 4u) + c];
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let c4 = C / 4u;
  let channel = lane % HEAD4;
  let split = lane / HEAD4;
  let c = group.x * HEAD4 + channel;                                // of all channels
  let entry = entries[group.y];
  let head = head_of(entry.slot, params.layer, group.x);

  var S: array<vec4f, KEYS>;                                        // key channels split, split + SPLIT, …
  for (var j = 0u; j < KEYS; j++) {
    S[j] = state[head + (j * SPLIT + split) * HEAD4 + channel];
  }

  for (var t = 0u; t < entry.rows; t++) {
    let n = entry.first_row + t;
    let low = low_rank(n, c, channel, split, lane);
    let r = rkv[n * 3u * c4 + c];
    let key = rkv[(n * 3u + 1u) * c4 + c];
    var v = rkv[(n * 3u + 2u) * c4 + c];
    let decay = exp(-0.6065306597126334 * sigmoid4(vector_of(0u, c) + low.w));
    let rate = sigmoid4(vector_of(1u, c) + low.a);
    if (params.v_rank == 0u) {
      if (split == 0u) {
        first[n * c4 + c] = v;
      }
    } else {
      v += (first[n * c4 + c] - v) * sigmoid4(vector_of(2u, c) + low.v);
    }
    let k = key * (1.0 + (rate - 1.0) * vector_of(4u, c));
    let removal = key * vector_of(3u, c);
    if (split == 0u) {
      receptances[channel] = r;
      keys[channel] = k;
      removals[channel] = removal;
      decays[channel] = decay;
      rates[channel] = rate;
      products[channel] = vec2f(dot(removal, removal), dot(r * k, vector_of(5u, c)));
    }
    workgroupBarrier();
    var sums = vec2f();
    for (var i = 0u; i < HEAD4; i++) {
      sums += products[i];
    }
    let scale = inverseSqrt(max(sums.x, 1e-24));
    let bonus = sums.y;

    var old = vec4f();                                              // what S holds under kk, before it is of length 1
    for (var j = 0u; j < KEYS; j++) {
      let at = j * SPLIT + split;
      old += S[j] * removals[at / 4u][at % 4u];
    }
    if (SPLIT > 1u) {
      partial_olds[lane] = old;
      workgroupBarrier();
      old = vec4f();
      for (var s = channel; s < LANES; s += HEAD4) {
        old += partial_olds[s];
      }
    }
    old *= scale * scale;
    var y = vec4f();
    for (var j = 0u; j < KEYS; j++) {
      let at = j * SPLIT + split;
      let quad = at / 4u;
      let one = at % 4u;
      let next = S[j] * decays[quad][one] - old * (removals[quad][one] * rates[quad][one]) + v * keys[quad][one];
      y += next * receptances[quad][one];
      S[j] = next;
    }
    y = add_up(y, channel, lane);
    share_output(y, channel, split);

    if (split == 0u) {
      watch(n * c4 + c, y);
      let normed = group_norm(y) * vector_of(6u, c) + vector_of(7u, c);
      out[n * c4 + c] = (normed + bonus * v) * low.g;
    }
  }

  for (var j = 0u; j < KEYS; j++) {
    state[head + (j * SPLIT + split) * HEAD4 + channel] = S[j];
  }
}
