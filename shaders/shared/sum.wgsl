// Sum over a workgroup with one barrier: each invocation adds up all partial sums itself, in the same order, so that all
// get the same result. Call it from uniform control flow; calls in one kernel take different `round`s (0 or 1).

override WORKGROUP: u32;

var<workgroup> partial_sums: array<array<vec2f, 2>, WORKGROUP>; // of each invocation, those of both rounds

fn workgroup_sum(value: vec2f, lane: u32, round: u32) -> vec2f {
  partial_sums[lane][round] = value;
  workgroupBarrier();
  var sum = vec2f(0.0);
  for (var i = 0u; i < WORKGROUP; i++) {
    sum += partial_sums[i][round];
  }
  return sum;
}
