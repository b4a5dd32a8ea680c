// Nobody looks at what the heads of a step say: this compiles to nothing. Counterpart: watched.wgsl.

fn watch(at: u32, y: vec4f) {}
