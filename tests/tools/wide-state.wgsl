// wide-state: a made-up layer whose state is large and remembers everything: row r keeps r / R of what it held a token ago.
//
//   state[r] <- state[r] · r / R + x · (R - r) / R      x <- x + state[R - 1] / 8
//
// Invocation: four channels of one entry, its tokens one after another, so that any cut of a text gives the same bits.
// Grid: (ceil(C / 4 / 64), B, 1).
// Needs: shared/step.wgsl.

override C: u32;
override L: u32;
override R: u32;

struct Params {
  layer: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(2) var<storage, read_write> state: array<vec4f>; // (slot, L, R, C)
@group(0) @binding(3) var<storage, read_write> x: array<vec4f>;     // (N, C)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c4 = C / 4u;
  if (id.x >= c4) {
    return;
  }
  let entry = entries[id.y];
  let layer = (entry.slot * L + params.layer) * R * c4 + id.x;
  for (var n = entry.first_row; n < entry.first_row + entry.rows; n++) {
    let at = n * c4 + id.x;
    let here = x[at];
    for (var r = 0u; r < R; r++) {
      let kept = f32(r) / f32(R);
      state[layer + r * c4] = state[layer + r * c4] * kept + here * (1.0 - kept);
    }
    x[at] = here + state[layer + (R - 1u) * c4] / 8.0;
  }
}
