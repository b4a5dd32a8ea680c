// The second half of a low-rank product where it is used: for a single token, which saves a dispatch.
// Needs: weights/{f32,f16,bf16}.wgsl, heads/head.wgsl.

@group(0) @binding(8) var<storage, read> low: array<f32>;           // (N, ranks of all of them together)

// What invocation `split` adds to row `n` of `low`, from `first` on, times rows `first` … of the second halves, (in, out).
fn low_product(n: u32, ranks: u32, first: u32, rank: u32, c: u32, split: u32) -> vec4f {
  let place = place_of(c, C / 4u);
  var sum = vec4f();
  for (var i = first + split; i < first + rank; i += SPLIT) {
    sum += low[n * ranks + i] * weight4(row_of(i, C / 4u), place);
  }
  return sum;
}
