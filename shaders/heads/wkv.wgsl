// heads/wkv: the time-mix of RWKV-5 and 6 between its products: decay, the recurrence of each head, group norm, gate.
//
//   d = exp(-exp(decay + what this token adds))
//   y[i] = Σ (S[j][i] + u[j] · k[j] · v[i]) · r[j]     S[j][i] <- S[j][i] · d[j] + k[j] · v[i]
//   out = group norm(y) · g
//
// Workgroup and grid: see heads/head.wgsl; (H, B, 1).
// Needs: heads/head.wgsl, heads/decay-{here,ready}.wgsl, heads/{watched,unwatched}.wgsl. Source: arXiv 2404.05892.

override GATED: u32;             // 0 where there is no gate: RWKV-5.0

struct Params {
  layer: u32,                    // of those whose states lie in this buffer
  rank: u32,                     // of what a token adds to its decay
  decay_stride4: u32,            // vec4s from one token's to the next, 0 where all have the same
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> kvrg: array<vec4f>;        // (N, 4, C)        the gate as it is to be multiplied
@group(0) @binding(4) var<storage, read> norm: array<vec4f>;        // (2, C)           scale, bias
@group(0) @binding(6) var<storage, read> time: array<vec4f>;        // (2, C)           decay, u
@group(0) @binding(7) var<storage, read_write> out: array<vec4f>;   // (N, C)

// Each is written once a token, and a barrier lies between its last reading and the next writing.
var<workgroup> receptances: array<vec4f, HEAD4>;
var<workgroup> keys: array<vec4f, HEAD4>;
var<workgroup> left: array<vec4f, HEAD4>;        // d
var<workgroup> bonuses: array<f32, HEAD4>;       // r · u · k of four channels

const MOST_DECAY = 20.0;         // exp(-exp(20)) is 0, and exp of more might be infinite

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
    let added = decay_of(n, c, channel, split, lane);
    let k = kvrg[n * 4u * c4 + c];
    let v = kvrg[(n * 4u + 1u) * c4 + c];
    let r = kvrg[(n * 4u + 2u) * c4 + c];
    if (split == 0u) {
      receptances[channel] = r;
      keys[channel] = k;
      left[channel] = exp(-exp(min(time[c] + added, vec4f(MOST_DECAY))));
      bonuses[channel] = dot(r * k, time[c4 + c]);
    }
    workgroupBarrier();

    var y = vec4f();
    if (split == 0u) {
      for (var i = 0u; i < HEAD4; i++) {
        y += bonuses[i] * v;
      }
    }
    for (var j = 0u; j < KEYS; j++) {
      let at = j * SPLIT + split;
      let quad = at / 4u;
      let one = at % 4u;
      y += S[j] * receptances[quad][one];
      S[j] = S[j] * left[quad][one] + v * keys[quad][one];
    }
    y = add_up(y, channel, lane);
    share_output(y, channel, split);

    if (split == 0u) {
      watch(n * c4 + c, y);
      var said = group_norm(y) * norm[c] + norm[c4 + c];
      if (GATED == 1u) {
        said *= kvrg[(n * 4u + 3u) * c4 + c];
      }
      out[n * c4 + c] = said;
    }
  }

  for (var j = 0u; j < KEYS; j++) {
    state[head + (j * SPLIT + split) * HEAD4 + channel] = S[j];
  }
}
