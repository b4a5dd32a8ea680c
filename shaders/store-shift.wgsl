// store-shift: put the shift rows that `shift-mix` left in `carry` into the state, for entries of more than one token.
//
//   state[slot, layer, shift] <- carry[entry]
//
// Invocation: four channels of one entry.
// Grid: (ceil(C / 4 / WORKGROUP), B, 1).
// Needs: shared/step.wgsl.

override WORKGROUP: u32;

struct Params {
  layer: u32,                    // of the layers below
  shift: u32,                    // which state row: 0 attX, 1 ffnX
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
  state_rows: u32,               // R: rows of C numbers that a layer remembers
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(2) var<storage, read> carry: array<vec4f>;       // (B, C)
@group(0) @binding(3) var<storage, read_write> state: array<vec4f>; // (slot, L, R, C)  attX ffnX …

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c4 = params.channels / 4u;
  let entry = entries[id.y];
  if (id.x >= c4 || entry.rows < 2u) {
    return;
  }
  state[((entry.slot * params.layers + params.layer) * params.state_rows + params.shift) * c4 + id.x] = carry[id.y * c4 + id.x];
}
