// matvec: a weight matrix times one token row (see shared/product.wgsl for what is computed).
//
// Invocation: ROWS rows; LANES invocations share them, each taking every LANES-th block of columns, then add up through
// workgroup memory. LANES = 1 has no barrier and suits software adapters, as do 8 rows, for which the input is read half
// as often; 32 lanes read 512 contiguous bytes of a row.
// Grid: (workgroups of ROWS · TILES rows, N, 1).
// Needs: weights/*.wgsl, blocks/*.wgsl, shared/{alone,subgroup}.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES
override ROWS: u32;              // 4 or 8

var<workgroup> partial_products: array<vec4f, PARTIALS>;

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, me: Invocation) {
  let here = rows_of_group(group.x, TILES * ROWS);
  let segment = here.segment;
  let lane = lane_of(me);
  let row = here.first + me.local.y * ROWS;
  let x = input_of(segment, group.y);
  let rows = rows_of(row);
  let rows_after = rows_of(row + 4u);
  let blocks = (params.columns4 + BLOCK4 - 1u) / BLOCK4;

  var low = vec4f(0.0);                                             // of rows row … row + 3
  var high = vec4f(0.0);                                            // of the four after them
  for (var block = lane; block < blocks; block += LANES) {
    let inputs = inputs_of(x, block, params.columns4, me);
    low += block_product(rows, inputs, block, params.columns4);
    if (ROWS == 8u) {
      high += block_product(rows_after, inputs, block, params.columns4);
    }
  }

  let parts = array<vec4f, 2>(low, high);
  for (var part = 0u; part < ROWS / 4u; part++) {
    var product = parts[part];
    if (LANES > 1u) {
      let mine = me.local.y * LANES;
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
      finish(product, segment, row + part * 4u, group.y);
    }
  }
}
