// The WKV of a step is not traced: this compiles to nothing. Its counterpart: watched.wgsl.

fn watch(at: u32, wkv: f32) {}
