// v6/mix-in: layer norm, token shift, and the first half of the low-rank product by which RWKV-6 mixes its inputs.
//
//   a = LN(x[t])     before = LN(x[t-1]), or the state's shift row where t is the first token of this step
//   low = tanh( W · (a · mix + before · (1 - mix)) )
//
// The norm is computed by each workgroup, which costs less than a dispatch of its own. What low-rank-out.wgsl needs of
// it, a and before, is left in `shifted`; there the shift row moves on, since here others may still read it.
// Invocation: four rows of W for one token; LANES invocations share them, each taking every LANES-th group of four columns.
// Grid: (ceil(rows / 4 / TILES), N, 1).
// Needs: weights/{f32,f16,bf16}.wgsl, shared/step.wgsl, shared/sum.wgsl, shared/shifted.wgsl, shared/sigmoid.wgsl.
// Source: arXiv 2404.05892.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES

struct Params {
  layer: u32,                    // of the layers below
  rows: u32,                     // of W, a multiple of 8
  channels: u32,                 // C, a multiple of 4
  layers: u32,                   // L: layers whose states lie in this buffer
  state_rows: u32,               // R: rows of C numbers that a layer remembers
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;          // (N)
@group(0) @binding(6) var<storage, read> entries: array<Entry>;     // (B)
@group(0) @binding(7) var<storage, read_write> low: array<vec4f>;   // (N, rows)
@group(0) @binding(8) var<storage, read_write> shifted: array<vec4f>; // (N, 2, C)      a, before

var<workgroup> partial_products: array<vec4f, PARTIALS>;

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let mine = local.y * LANES;
  let c4 = params.channels / 4u;
  let n = group.y;
  let tile = (group.x * TILES + local.y) * 4u;
  let first = min(tile, params.rows - 4u);                          // tiles beyond the end compute the last one once more
  let w0 = row_of(first, c4);
  let w1 = row_of(first + 1u, c4);
  let w2 = row_of(first + 2u, c4);
  let w3 = row_of(first + 3u, c4);
  let row = shifted_row(n, rows[n].position, entries[rows[n].entry], params.layer, 0u, mine + lane);

  var product = vec4f(0.0);
  for (var c = lane; c < c4; c += LANES) {
    let a = normed_here(row, c);
    let before = normed_before(row, c);
    let mix = norm_mix[2u * c4 + c];
    let place = place_of(c, c4);
    product += (a * mix + before * (1.0 - mix)) *
      mat4x4f(weight4(w0, place), weight4(w1, place), weight4(w2, place), weight4(w3, place));
    if (group.x == 0u && local.y == 0u) {
      shifted[2u * n * c4 + c] = a;
      shifted[(2u * n + 1u) * c4 + c] = before;
    }
  }
  if (LANES > 1u) {
    partial_products[mine + lane] = product;
    workgroupBarrier();
    for (var other = 1u; other < LANES; other++) {
      product += partial_products[mine + (lane + other) % LANES];
    }
  }
  if (lane == 0u && tile < params.rows) {
    low[(n * params.rows + tile) / 4u] = 2.0 * sigmoid4(2.0 * product) - 1.0; // tanh; see shared/product.wgsl
  }
}
