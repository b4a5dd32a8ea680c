// How the invocations of a product read its input: each by itself. LANES of them share a tile.
// Needs: `input` as array<vec4f>.

struct Invocation {
  @builtin(local_invocation_id) local: vec3u,
}

fn lane_of(me: Invocation) -> u32 {
  return me.local.x;
}

// Four vec4s of the input.
fn four_inputs(at: vec4u, me: Invocation) -> mat4x4f {
  return mat4x4f(input[at.x], input[at.y], input[at.z], input[at.w]);
}

// The same, with zeros from `end` on.
fn four_inputs_before(end: u32, at: vec4u, me: Invocation) -> mat4x4f {
  let here = four_inputs(at, me);
  return mat4x4f(
    select(vec4f(), here[0], at.x < end), select(vec4f(), here[1], at.y < end), select(vec4f(), here[2], at.z < end),
    select(vec4f(), here[3], at.w < end));
}
