// streaming-read: read a buffer once and add it up, as fast as the adapter can: what a product that reads its weights once
// is measured against.
//
// Invocation: VECTORS vec4s, adding up eight at a time so that no load waits for a sum. LANES neighbours read a stretch
// together, each every LANES-th vec4; with LANES = 1 each reads its own.
// Grid: (vec4s / VECTORS / WORKGROUP, 1, 1).

override VECTORS: u32;           // a multiple of 8
override LANES: u32;
override WORKGROUP: u32;

@group(0) @binding(1) var<storage, read> values: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;  // (invocations), or the reads could be left out

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var at = id.x / LANES * VECTORS * LANES + id.x % LANES;
  var even = vec4f();
  var odd = vec4f();
  for (var i = 0u; i < VECTORS / 8u; i++) {
    even += (values[at] + values[at + 2u * LANES]) + (values[at + 4u * LANES] + values[at + 6u * LANES]);
    odd += (values[at + LANES] + values[at + 3u * LANES]) + (values[at + 5u * LANES] + values[at + 7u * LANES]);
    at += 8u * LANES;
  }
  sums[id.x] = even + odd;
}
