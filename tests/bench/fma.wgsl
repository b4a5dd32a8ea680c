// fma: multiply and add in registers alone, as fast as the adapter can: what a product that reuses what it reads is
// measured against.
//
// Invocation: LOOPS times 4 steps of three vec4s, each by itself: 96 FLOP a loop. Three keep a CPU's registers full; more
// would not stay in them.
// Grid: (invocations / WORKGROUP, 1, 1).

override LOOPS: u32;
override WORKGROUP: u32;

@group(0) @binding(1) var<storage, read_write> sums: array<vec4f>;  // (invocations), or the work could be left out

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(1.0 - f32(id.x) * 1e-9);
  let step = vec4f(f32(id.x) * 1e-6);
  var a = vec4f(0.0);
  var b = vec4f(1.0);
  var c = vec4f(2.0);
  for (var i = 0u; i < LOOPS; i++) {
    a = a * factor + step;
    b = b * factor + step;
    c = c * factor + step;
    a = a * factor + step;
    b = b * factor + step;
    c = c * factor + step;
    a = a * factor + step;
    b = b * factor + step;
    c = c * factor + step;
    a = a * factor + step;
    b = b * factor + step;
    c = c * factor + step;
  }
  sums[id.x] = a + b + c;
}
