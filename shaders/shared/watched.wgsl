// Leave the WKV of a step, before the receptance lets it through, where a trace reads it. Counterpart: unwatched.wgsl.

@group(0) @binding(6) var<storage, read_write> watched: array<f32>; // (N, C)

fn watch(at: u32, wkv: f32) {
  watched[at] = wkv;
}
