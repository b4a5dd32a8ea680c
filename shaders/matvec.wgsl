// matvec: a weight matrix times one token row (see shared/product.wgsl for what is computed).
//
// Invocation: 4 rows; LANES invocations share them, each taking every LANES-th block of columns, then add up through
// workgroup memory. LANES = 1 has no barrier and suits software adapters; 32 lanes read 512 contiguous bytes of a row.
// Grid: (ceil(rows of the piece / 4 / TILES), N, 1).
// Needs: weights/*.wgsl, blocks/*.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;

var<workgroup> partial_products: array<vec4f, LANES * TILES>;

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let row = (group.x * TILES + local.y) * 4u;
  let x = input_of(segment_of(row), group.y);
  let rows = vec4u(weights_of(row), weights_of(row + 1u), weights_of(row + 2u), weights_of(row + 3u));
  let blocks = (params.columns4 + BLOCK4 - 1u) / BLOCK4;

  var product = vec4f(0.0);                                         // of rows row … row + 3
  for (var block = lane; block < blocks; block += LANES) {
    product += block_product(rows, x, block, params.columns4);
  }

  if (LANES > 1u) {
    let mine = local.y * LANES;
    partial_products[mine + lane] = product;
    workgroupBarrier();
    if (lane == 0u) {
      for (var i = 1u; i < LANES; i++) {
        product += partial_products[mine + i];
      }
    }
  }
  if (lane == 0u) {
    finish(product, row, group.y);
  }
}
