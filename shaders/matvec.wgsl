// matvec: a weight matrix times one token row (see shared/product.wgsl for what is computed).
//
// Invocation: ROWS rows; LANES invocations share them, each taking every LANES-th group of four columns, then add up
// through workgroup memory. LANES = 1 has no barrier and suits software adapters, as do 8 rows, for which the input is
// read half as often; 32 lanes read 512 contiguous bytes of a row.
// Grid: (ceil(rows of the piece / ROWS / TILES), N, 1).
// Needs: weights/*.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;
override ROWS: u32;              // 4 or 8

var<workgroup> partial_products: array<vec4f, LANES * TILES>;

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let row = (group.x * TILES + local.y) * ROWS;
  let x = input_of(segment_of(row), group.y);
  let w0 = weights_of(row);
  let w1 = weights_of(row + 1u);
  let w2 = weights_of(row + 2u);
  let w3 = weights_of(row + 3u);
  let w4 = weights_of(row + 4u);
  let w5 = weights_of(row + 5u);
  let w6 = weights_of(row + 6u);
  let w7 = weights_of(row + 7u);

  var low = vec4f(0.0);                                             // of rows row … row + 3
  var high = vec4f(0.0);                                            // of the four after them
  for (var c = lane; c < params.columns4; c += LANES) {
    let values = input[x + c];
    low += values * mat4x4f(weight4(w0 + c), weight4(w1 + c), weight4(w2 + c), weight4(w3 + c));
    if (ROWS == 8u) {
      high += values * mat4x4f(weight4(w4 + c), weight4(w5 + c), weight4(w6 + c), weight4(w7 + c));
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
