// v4/wkv: advance the WKV recurrence of one layer by each entry's T tokens.
//
//   wkv = (e1·aa + e2·v) / (e1·bb + e2)     q = max(pp, u + k)   e1 = exp(pp - q)   e2 = exp(u + k - q)
//   aa, bb, pp then absorb (k, v) likewise, with pp + w in place of pp and k in place of u + k.
//
// Invocation: one (batch entry, channel); sequential in T, the three sums in registers.
// Grid: (ceil(C / WORKGROUP), B, 1).
// Needs: shared/step.wgsl, shared/sigmoid.wgsl, v4/wkv-step.wgsl, shared/unwatched.wgsl or shared/watched.wgsl.
// Source: RWKV, arXiv 2305.13048, the numerically stable form. Differs: starts from and leaves a stored state; the
// exponents are <= 0 by construction and pp starts at -1e30, so nothing overflows and no infinity occurs.

override WORKGROUP: u32;

struct Params {
  layer: u32,                    // of the layers below
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(2) var<storage, read> kvr: array<f32>;           // (N, 3, C)        key, value, receptance before the sigmoid
@group(0) @binding(3) var<storage, read> time: array<f32>;          // (2, C)           u = time_first; w = -exp(time_decay)
@group(0) @binding(4) var<storage, read_write> state: array<f32>;   // (slot, L, 5, C)  attX ffnX aa bb pp
@group(0) @binding(5) var<storage, read_write> out: array<f32>;     // (N, C)           sigmoid(r) ⊙ wkv

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let C = params.channels;
  let channel = id.x;
  if (channel >= C) {
    return;
  }

  let entry = entries[id.y];
  let sums = ((entry.slot * params.layers + params.layer) * 5u + 2u) * C + channel;
  var carried = WkvSums(state[sums], state[sums + C], state[sums + 2u * C]);
  let u = time[channel];
  let w = time[C + channel];

  for (var n = entry.first_row; n < entry.first_row + entry.rows; n++) {
    let k = kvr[n * 3u * C + channel];
    let v = kvr[(n * 3u + 1u) * C + channel];
    let r = kvr[(n * 3u + 2u) * C + channel];
    let wkv = wkv_step(&carried, k, v, u, w);
    watch(n * C + channel, wkv);
    out[n * C + channel] = sigmoid(r) * wkv;
  }

  state[sums] = carried.aa;
  state[sums + C] = carried.bb;
  state[sums + 2u * C] = carried.pp;
}
