// A head at work, from RWKV-5 on: its matrix S in registers while it goes through the tokens of an entry.
//
// Workgroup: a head of one entry; invocation (c, s) has value channels 4·c … 4·c + 3 and every SPLIT-th key channel from s
// on. S lies in the state by key channel, S[j][i], so that neighbouring invocations read neighbouring values.
// Call what has a barrier from uniform control flow.
// Needs: a prelude with KEYS (HEAD / SPLIT), shared/step.wgsl.

override C: u32;                 // channels
override L: u32;                 // layers whose states lie in this buffer
override HEAD4: u32;             // channels of a head / 4
override SPLIT: u32;             // invocations to a value channel
override LANES: u32;             // HEAD4 · SPLIT

@group(0) @binding(1) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(5) var<storage, read_write> state: array<vec4f>; // (slot, L, 2 + HEAD, C)  attX ffnX S

var<workgroup> partial_outputs: array<vec4f, LANES>;
var<workgroup> outputs: array<vec4f, HEAD4>;     // y

// Where a head's S begins.
fn head_of(slot: u32, layer: u32, head: u32) -> u32 {
  return ((slot * L + layer) * (2u + 4u * HEAD4) + 2u) * (C / 4u) + head * HEAD4 * HEAD4 * 4u;
}

// What the invocations of a value channel have found together. Between two calls lies a barrier.
fn add_up(part: vec4f, channel: u32, lane: u32) -> vec4f {
  if (SPLIT == 1u) {
    return part;
  }
  partial_outputs[lane] = part;
  workgroupBarrier();
  var sum = vec4f();
  for (var s = channel; s < LANES; s += HEAD4) {
    sum += partial_outputs[s];
  }
  return sum;
}

// Let the head know the y of four of its channels.
fn share_output(y: vec4f, channel: u32, split: u32) {
  if (split == 0u) {
    outputs[channel] = y;
  }
  workgroupBarrier();
}

// Those channels as a group norm leaves them; behind `share_output`.
fn group_norm(y: vec4f) -> vec4f {
  var sum = 0.0;
  for (var i = 0u; i < HEAD4; i++) {
    sum += dot(outputs[i], vec4f(1.0));
  }
  let mean = sum / f32(4u * HEAD4);
  var squares = 0.0;
  for (var i = 0u; i < HEAD4; i++) {
    let d = outputs[i] - mean;
    squares += dot(d, d);
  }
  return (y - mean) * inverseSqrt(squares / f32(4u * HEAD4) + 64e-5);
}
