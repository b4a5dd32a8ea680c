// v4/kvr-wkv: key, value and receptance of one token, and the step of the WKV recurrence that they make, in one dispatch.
//
//   k, v, r = W[0 … C-1], W[C … 2C-1], W[2C … 3C-1] times input[0], input[1], input[2]
//   out = sigmoid(r) ⊙ wkv(k, v);  aa, bb, pp of the state move on
//
// For steps of a single token row; others take matmul and v4/wkv. Saves a dispatch a layer, and k, v, r a way through
// memory.
// Invocation: four channels, so 12 rows of the stacked matrix; LANES invocations share them as in matvec.wgsl, and the
// first four of these take a channel each through the recurrence.
// Grid: (ceil(C / 4 / TILES), 1, 1).
// Needs: weights/*.wgsl, blocks/*.wgsl, shared/{alone,subgroup}.wgsl, shared/step.wgsl, shared/sigmoid.wgsl, v4/wkv-step.wgsl.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES

struct Params {
  layer: u32,                    // of the layers below
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;     // (1)
@group(0) @binding(3) var<storage, read> input: array<vec4f>;       // (3, 1, C)        token-shifted inputs of k, v, r
@group(0) @binding(4) var<storage, read> time: array<f32>;          // (2, C)           u = time_first; w = -exp(time_decay)
@group(0) @binding(5) var<storage, read_write> state: array<f32>;   // (slot, L, 5, C)  attX ffnX aa bb pp
@group(0) @binding(6) var<storage, read_write> out: array<f32>;     // (1, C)           sigmoid(r) ⊙ wkv

var<workgroup> partial_products: array<mat3x4f, PARTIALS>;

// Where the weights of four rows from `row` on begin.
fn rows_of(row: u32) -> vec4u {
  let c4 = params.channels / 4u;
  return vec4u(row_of(row, c4), row_of(row + 1u, c4), row_of(row + 2u, c4), row_of(row + 3u, c4));
}

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, me: Invocation) {
  let lane = lane_of(me);
  let C = params.channels;
  let c4 = C / 4u;
  let tile = group.x * TILES + me.local.y;
  let first = min(tile, c4 - 1u) * 4u;                              // tiles beyond the end compute the last one once more

  var k = vec4f();
  var v = vec4f();
  var r = vec4f();
  let k_rows = rows_of(first);
  let v_rows = rows_of(C + first);
  let r_rows = rows_of(2u * C + first);
  for (var block = lane; block < (c4 + BLOCK4 - 1u) / BLOCK4; block += LANES) {
    k += block_product(k_rows, inputs_of(0u, block, c4, me), block, c4);
    v += block_product(v_rows, inputs_of(c4, block, c4, me), block, c4);
    r += block_product(r_rows, inputs_of(2u * c4, block, c4, me), block, c4);
  }

  var kvr = mat3x4f(k, v, r);
  if (LANES > 1u) {
    let mine = me.local.y * LANES;
    partial_products[mine + lane] = kvr;
    workgroupBarrier();
    for (var other = 1u; other < LANES; other++) {
      kvr += partial_products[mine + (lane + other) % LANES];
    }
  }
  if (tile >= c4) {
    return;
  }
  for (var i = lane; i < 4u; i += LANES) {
    let channel = first + i;
    let at = ((entries[0].slot * params.layers + params.layer) * 5u + 2u) * C + channel;
    var sums = WkvSums(state[at], state[at + C], state[at + 2u * C]);
    let wkv = wkv_step(&sums, kvr[0][i], kvr[1][i], time[channel], time[C + channel]);
    out[channel] = sigmoid(kvr[2][i]) * wkv;
    state[at] = sums.aa;
    state[at + C] = sums.bb;
    state[at + 2u * C] = sums.pp;
  }
}
