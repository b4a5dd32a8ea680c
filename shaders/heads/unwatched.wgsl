// The output of the heads is not traced: this compiles to nothing. Its counterpart: watched.wgsl.

fn watch(at: u32, y: vec4f) {}
