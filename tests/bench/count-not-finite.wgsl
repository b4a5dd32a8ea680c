// count-not-finite: how many of the values are NaN or infinite. By their bits: WGSL may assume of floats that they are not.
//
// Invocation: one value. Grid: (ceil(values / 64), 1, 1).

@group(0) @binding(1) var<storage, read> values: array<u32>;              // the bits of f32s
@group(0) @binding(2) var<storage, read_write> found: atomic<u32>;        // grows

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&values) && (values[id.x] & 0x7f800000u) == 0x7f800000u) {
    atomicAdd(&found, 1u);
  }
}
