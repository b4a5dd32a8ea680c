// shift-mix: layer norm, token shift and mix, the way into time-mix and channel-mix.
//
//   a = LN(x[t])     before = LN(x[t-1]), or the state's shift row where t is the first token of this step
//   mixed[m] = a · mix[m] + before · (1 - mix[m])     for each of MIXES mixes
//
// An entry with one token moves its shift row on here: the invocation that read it writes it. With more tokens another
// workgroup may still have to read the row, so the last token's goes to `carry` and `store-shift` puts it in place.
// Workgroup: one token row.
// Grid: (N, 1, 1).
// Needs: shared/step.wgsl, shared/sum.wgsl, shared/shifted.wgsl. Source: arXiv 2305.13048, token shift.

struct Params {
  layer: u32,                    // of the layers below
  shift: u32,                    // which state row: 0 attX, 1 ffnX
  mixes: u32,                    // 3 and 2 for time-mix and channel-mix of RWKV-4, 6 and 1 of RWKV-7
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
  state_rows: u32,               // R: rows of C numbers that a layer remembers
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;          // (N)
@group(0) @binding(2) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(6) var<storage, read_write> carry: array<vec4f>; // (B, C)           shift rows to store later
@group(0) @binding(7) var<storage, read_write> mixed: array<vec4f>; // (mixes, N, C)

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let lane = local.x;
  let c4 = params.channels / 4u;
  let n = group.x;
  let entry = entries[rows[n].entry];
  let row = shifted_row(n, rows[n].position, entry, params.layer, params.shift, lane);
  for (var c = lane; c < c4; c += WORKGROUP) {
    let a = normed_here(row, c);
    let before = normed_before(row, c);
    for (var m = 0u; m < params.mixes; m++) {
      let mix = norm_mix[(2u + m) * c4 + c];
      mixed[(m * groups.x + n) * c4 + c] = a * mix + before * (1.0 - mix);
    }
    if (row.last && row.first) {
      state[row.state + c] = a;
    } else if (row.last) {
      carry[rows[n].entry * c4 + c] = a;
    }
  }
}
