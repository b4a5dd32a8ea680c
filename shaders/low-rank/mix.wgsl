// Low-rank products are what a token adds to the mixes of its inputs, in RWKV-6: they go into the inputs at once.
//
//   out[q, n] = a + (before - a) · (mix[q] + product)
//
// The shift row of the state moves on here: all that read it have done so.
// Needs: shared/step.wgsl, and the parameters of low-rank-out.wgsl.

@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (PRODUCTS, N, C)
@group(0) @binding(5) var<storage, read> shifted: array<vec4f>;     // (N, 2, C)        a, and that of the token before
@group(0) @binding(6) var<storage, read> mixes: array<vec4f>;       // (PRODUCTS, C)    what the token before has of them
@group(0) @binding(7) var<storage, read> rows: array<Row>;          // (N)
@group(0) @binding(8) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(9) var<storage, read_write> state: array<vec4f>; // (slot, L, R, C)  attX …

fn put(n: u32, q: u32, c: u32, product: vec4f) {
  let c4 = params.channels / 4u;
  let a = shifted[2u * n * c4 + c];
  let before = shifted[(2u * n + 1u) * c4 + c];
  out[(q * count.rows + n) * c4 + c] = a + (before - a) * (mixes[q * c4 + c] + product);
  let entry = entries[rows[n].entry];
  if (q == 0u && rows[n].position + 1u == entry.rows) {
    state[(entry.slot * params.layers + params.layer) * params.state_rows * c4 + c] = a;
  }
}
