// Layer norm of a token row, and of the one before it: computed again rather than waited for.
// Needs: shared/step.wgsl, shared/sum.wgsl, and parameters with channels, layers, state_rows.

@group(0) @binding(3) var<storage, read> x: array<vec4f>;           // (N, C)
@group(0) @binding(4) var<storage, read> norm_mix: array<vec4f>;    // (2 + mixes, C)   LN scale, LN bias, mixes
@group(0) @binding(5) var<storage, read_write> state: array<vec4f>; // (slot, L, R, C)  attX ffnX …

struct Shifted {
  here: u32,                     // where the row begins
  above: u32,                    // and the row before; itself where there is none
  first: bool,                   // of its entry in this step
  last: bool,
  state: u32,                    // where the shift row begins
  mean: vec2f,                   // .x of this token, .y of the one before
  scale: vec2f,
}

// Moments of row n. Call it from uniform control flow, once.
fn shifted_row(n: u32, position: u32, entry: Entry, layer: u32, shift: u32, lane: u32) -> Shifted {
  let c4 = params.channels / 4u;
  let first = position == 0u;
  let here = n * c4;
  let above = select(n - 1u, n, first) * c4;

  var sum = vec2f(0.0);
  for (var c = lane; c < c4; c += WORKGROUP) {
    sum += vec2f(dot(x[here + c], vec4f(1.0)), dot(x[above + c], vec4f(1.0)));
  }
  let mean = workgroup_sum(sum, lane, 0u) / f32(params.channels);

  var squares = vec2f(0.0);
  for (var c = lane; c < c4; c += WORKGROUP) {
    let d = x[here + c] - mean.x;
    let e = x[above + c] - mean.y;
    squares += vec2f(dot(d, d), dot(e, e));
  }
  let scale = inverseSqrt(workgroup_sum(squares, lane, 1u) / f32(params.channels) + 1e-5);
  let at = ((entry.slot * params.layers + layer) * params.state_rows + shift) * c4;
  return Shifted(here, above, first, position + 1u == entry.rows, at, mean, scale);
}

// LN of the row at four channels.
fn normed_here(row: Shifted, c: u32) -> vec4f {
  return (x[row.here + c] - row.mean.x) * row.scale.x * norm_mix[c] + norm_mix[params.channels / 4u + c];
}

// That of the token before: the state's shift row where the row is the first of its entry in this step.
fn normed_before(row: Shifted, c: u32) -> vec4f {
  var before = state[row.state + c];
  if (!row.first) {
    before = (x[row.above + c] - row.mean.y) * row.scale.y * norm_mix[c] + norm_mix[params.channels / 4u + c];
  }
  return before;
}
