// matvec: a weight matrix times one token row (see shared/product.wgsl for what is computed).
//
// Invocation: ROWS rows; LANES invocations share them, each taking every LANES-th block of columns, then add up through
// workgroup memory. LANES = 1 has no barrier and suits software adapters, as do 8 rows, for which the input is read half
// as often; 32 lanes read 512 contiguous bytes of a row.
// Grid: (ceil(rows of the piece / ROWS / TILES), N, 1).
// Needs: weights/*.wgsl, blocks/*.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES
override ROWS: u32;              // 4 or 8

var<workgroup> partial_products: array<vec4f, PARTIALS>;

// Where the weights of four rows from `row` on begin.
fn rows_of(row: u32) -> vec4u {
  return vec4u(weights_of(row), weights_of(row + 1u), weights_of(row + 2u), weights_of(row + 3u));
}

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let row = (group.x * TILES + local.y) * ROWS;
  let x = input_of(segment_of(row), group.y);
  let rows = rows_of(row);
  let rows_after = rows_of(row + 4u);
  let blocks = (params.columns4 + BLOCK4 - 1u) / BLOCK4;

  var low = vec4f(0.0);                                             // of rows row … row + 3
  var high = vec4f(0.0);                                            // of the four after them
  for (var block = lane; block < blocks; block += LANES) {
    let inputs = inputs_of(x, block, params.columns4);
    low += block_product(rows, inputs, block, params.columns4);
    if (ROWS == 8u) {
      high += block_product(rows_after, inputs, block, params.columns4);
    }
  }

  let parts = array<vec4f, 2>(low, high);
  for (var part = 0u; part < ROWS / 4u; part++) {
    var product = parts[part];
    if (LANES > 1u) {
      let mine = local.y * LANES;
      partial_products[mine + lane] = product;
      workgroupBarrier();
      if (lane == 0u) {
        for (var i = 1u; i < LANES; i++) {
          product += partial_products[mine + i];
        }
      }
      workgroupBarrier();                                           // before the next part is put in the same place
    }
    if (lane == 0u) {
      finish(product, row + part * 4u, group.y);
    }
  }
}
