// How the invocations of a product read its input: four neighbours together, each a quarter of it. For adapters to which
// reading costs most, where no lanes share a tile (LANES = 1) and so all of a workgroup want the same. A quad is of four
// whatever the size of a subgroup. In place of shared/alone.wgsl.
// Needs: `input` as array<vec4f>.

enable subgroups;

struct Invocation {
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) number: u32,
}

fn lane_of(me: Invocation) -> u32 {
  return 0u;
}

// Four vec4s of the input; `at` is the same for all four.
fn four_inputs(at: vec4u, me: Invocation) -> mat4x4f {
  return from_quad(input[at[me.number % 4u]]);
}

// The same, with zeros from `end` on.
fn four_inputs_before(end: u32, at: vec4u, me: Invocation) -> mat4x4f {
  let mine = at[me.number % 4u];
  return from_quad(select(vec4f(), input[mine], mine < end));
}

fn from_quad(mine: vec4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(mine, 0u), quadBroadcast(mine, 1u), quadBroadcast(mine, 2u), quadBroadcast(mine, 3u));
}
