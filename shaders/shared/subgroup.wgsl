// How the invocations of a product read its input: the first four of a subgroup a quarter each, for all of it. For
// adapters to which reading costs most, where no lanes share a tile (LANES = 1), so that all of a workgroup want the same.
// Every subgroup has four. In place of shared/alone.wgsl.
// Needs: `input` as array<vec4f>.

enable subgroups;

struct Invocation {
  @builtin(local_invocation_id) local: vec3u,
  @builtin(subgroup_invocation_id) number: u32,
}

fn lane_of(me: Invocation) -> u32 {
  return 0u;
}

// Four vec4s of the input; `at` is the same for the whole workgroup.
fn four_inputs(at: vec4u, me: Invocation) -> mat4x4f {
  return from_four(input[at[me.number % 4u]]);
}

// The same, with zeros from `end` on.
fn four_inputs_before(end: u32, at: vec4u, me: Invocation) -> mat4x4f {
  let mine = at[me.number % 4u];
  return from_four(select(vec4f(), input[mine], mine < end));
}

fn from_four(mine: vec4f) -> mat4x4f {
  return mat4x4f(
    subgroupBroadcast(mine, 0u), subgroupBroadcast(mine, 1u), subgroupBroadcast(mine, 2u), subgroupBroadcast(mine, 3u));
}
