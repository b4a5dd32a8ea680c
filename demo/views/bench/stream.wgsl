// Reads an array as fast as it can be read: what no step of a model can be faster than, since a step reads every weight.
//
// Each invocation sums every (invocations)-th vector, so that neighbours read neighbouring addresses; the sums are
// written so that no read can be left out.
// Grid: one-dimensional. Source: none, it is what a memory benchmark is.

override WORKGROUP: u32;
override INVOCATIONS: u32; // of the whole grid

@group(0) @binding(0) var<storage, read> words: array<vec4u>; // vec4u (N)
@group(0) @binding(1) var<storage, read_write> sums: array<u32>; // u32 (INVOCATIONS)

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = vec4u(0u);
  for (var i = id.x; i < arrayLength(&words); i += INVOCATIONS) {
    sum += words[i];
  }
  sums[id.x] = sum.x + sum.y + sum.z + sum.w;
}
