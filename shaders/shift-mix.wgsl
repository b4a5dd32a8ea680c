// shift-mix: layer norm, token shift and mix, the way into time-mix and channel-mix.
//
//   a = LN(x[t])     before = LN(x[t-1]), or the state's shift row where t is the first token of this step
//   mixed[m] = a · mix[m] + before · (1 - mix[m])     for each of MIXES mixes
//
// An entry with one token moves its shift row on here: the invocation that read it writes it. With more tokens another
// workgroup may still have to read the row, so the last token's goes to `carry` and `store-shift` puts it in place.
// Workgroup: one token row; LN of the row before is computed again rather than waited for.
// Grid: (N, 1, 1).
// Needs: shared/step.wgsl, shared/sum.wgsl. Source: arXiv 2305.13048, token shift.

override C: u32;                 // channels, a multiple of 4
override L: u32;                 // layers whose states lie in this buffer
override R: u32;                 // rows of C numbers that a layer remembers
override MIXES: u32;             // 3 and 2 for time-mix and channel-mix of RWKV-4, 6 and 1 of RWKV-7

struct Params {
  layer: u32,                    // which of them
  shift: u32,                    // which state row: 0 attX, 1 ffnX
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;          // (N)
@group(0) @binding(2) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(3) var<storage, read> x: array<vec4f>;           // (N, C)
@group(0) @binding(4) var<storage, read> norm_mix: array<vec4f>;    // (2 + MIXES, C)   LN scale, LN bias, mixes
@group(0) @binding(5) var<storage, read_write> state: array<vec4f>; // (slot, L, R, C)  attX ffnX …
@group(0) @binding(6) var<storage, read_write> carry: array<vec4f>; // (B, C)           shift rows to store later
@group(0) @binding(7) var<storage, read_write> mixed: array<vec4f>; // (MIXES, N, C)

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let lane = local.x;
  let c4 = C / 4u;
  let n = group.x;
  let position = rows[n].position;
  let entry = entries[rows[n].entry];
  let first = position == 0u;
  let last = position + 1u == entry.rows;
  let here = n * c4;
  let above = select(n - 1u, n, first) * c4;                        // the row before; itself where there is none

  // both rows at once: .x of this token, .y of the one before
  var sum = vec2f(0.0);
  for (var c = lane; c < c4; c += WORKGROUP) {
    sum += vec2f(dot(x[here + c], vec4f(1.0)), dot(x[above + c], vec4f(1.0)));
  }
  let mean = workgroup_sum(sum, lane, 0u) / f32(C);

  var squares = vec2f(0.0);
  for (var c = lane; c < c4; c += WORKGROUP) {
    let d = x[here + c] - mean.x;
    let e = x[above + c] - mean.y;
    squares += vec2f(dot(d, d), dot(e, e));
  }
  let scale = inverseSqrt(workgroup_sum(squares, lane, 1u) / f32(C) + 1e-5);

  let shift = ((entry.slot * L + params.layer) * R + params.shift) * c4;
  for (var c = lane; c < c4; c += WORKGROUP) {
    let ln_scale = norm_mix[c];
    let ln_bias = norm_mix[c4 + c];
    let a = (x[here + c] - mean.x) * scale.x * ln_scale + ln_bias;
    var before = state[shift + c];
    if (!first) {
      before = (x[above + c] - mean.y) * scale.y * ln_scale + ln_bias;
    }
    for (var m = 0u; m < MIXES; m++) {
      let mix = norm_mix[(2u + m) * c4 + c];
      mixed[(m * groups.x + n) * c4 + c] = a * mix + before * (1.0 - mix);
    }
    if (last && first) {
      state[shift + c] = a;
    } else if (last) {
      carry[rows[n].entry * c4 + c] = a;
    }
  }
}
