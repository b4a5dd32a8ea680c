// Nobody looks at the WKV of a step: this compiles to nothing. Its counterpart: watched.wgsl.

fn watch(at: u32, wkv: f32) {}
