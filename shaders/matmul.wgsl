// matmul: a weight matrix times several token rows (see shared/product.wgsl for what is computed). Each weight is read
// once for TOKENS tokens.
//
// Invocation: a tile of 8 rows × TOKENS tokens, as 4 × 4 matrices in registers (named ones: an array of them is five times
// slower on SwiftShader). LANES invocations share a tile, each taking every LANES-th group of four columns, then add up
// through workgroup memory; LANES = 1 has no barrier.
// Grid: (workgroups of 8 · TILES rows, ceil(N / TOKENS), 1).
// Needs: weights/*.wgsl, shared/{alone,subgroup}.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES
override TOKENS: u32;            // 8 or 16

var<workgroup> partial_products: array<mat4x4f, PARTIALS>;

// The weights of four rows at four columns: row r's in row r.
fn weights4x4(rows: vec4u, place: Place) -> mat4x4f {
  return transpose(mat4x4f(weight4(rows.x, place), weight4(rows.y, place), weight4(rows.z, place), weight4(rows.w, place)));
}

// Where the inputs of four tokens begin.
fn inputs_from(segment: u32, token: u32) -> vec4u {
  return vec4u(
    input_of(segment, token), input_of(segment, token + 1u), input_of(segment, token + 2u), input_of(segment, token + 3u));
}

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, me: Invocation) {
  let here = rows_of_group(group.x, TILES * 8u);
  let segment = here.segment;
  let lane = lane_of(me);
  let row = here.first + me.local.y * 8u;
  let token = group.y * TOKENS;
  let low_rows = rows_of(row);
  let high_rows = rows_of(row + 4u);
  let x0 = inputs_from(segment, token);
  let x1 = inputs_from(segment, token + 4u);
  let x2 = inputs_from(segment, token + 8u);
  let x3 = inputs_from(segment, token + 12u);

  // column t of a product is token t's, row r in it is row r's
  var low0 = mat4x4f();                                             // rows 0-3, tokens 0-3
  var low1 = mat4x4f();                                             // rows 0-3, tokens 4-7
  var low2 = mat4x4f();
  var low3 = mat4x4f();
  var high0 = mat4x4f();
  var high1 = mat4x4f();
  var high2 = mat4x4f();
  var high3 = mat4x4f();
  // Two loops, though one could branch: SwiftShader would carry every sum through the branch, at twice the time for few
  // tokens (DECISIONS.md).
  if (TOKENS == 16u && token + 8u < count.rows) {
    for (var c = lane; c < params.columns4; c += LANES) {
      let place = place_of(c, params.columns4);
      let low = weights4x4(low_rows, place);
      let high = weights4x4(high_rows, place);
      let inputs0 = four_inputs(x0 + c, me);
      let inputs1 = four_inputs(x1 + c, me);
      let inputs2 = four_inputs(x2 + c, me);
      let inputs3 = four_inputs(x3 + c, me);
      low0 += low * inputs0;
      low1 += low * inputs1;
      low2 += low * inputs2;
      low3 += low * inputs3;
      high0 += high * inputs0;
      high1 += high * inputs1;
      high2 += high * inputs2;
      high3 += high * inputs3;
    }
  } else {
    for (var c = lane; c < params.columns4; c += LANES) {
      let place = place_of(c, params.columns4);
      let low = weights4x4(low_rows, place);
      let high = weights4x4(high_rows, place);
      let inputs0 = four_inputs(x0 + c, me);
      let inputs1 = four_inputs(x1 + c, me);
      low0 += low * inputs0;
      low1 += low * inputs1;
      high0 += high * inputs0;
      high1 += high * inputs1;
    }
  }

  // From here on short code matters more than fast code: the loop compiles in half the time of the unrolled lines.
  let parts = array<mat4x4f, 8>(low0, high0, low1, high1, low2, high2, low3, high3);
  let mine = me.local.y * LANES;
  for (var i = 0u; i < TOKENS / 2u; i++) {
    var product = parts[i];
    if (LANES > 1u) {
      partial_products[mine + lane] = product;
      workgroupBarrier();
      for (var other = 1u; other < LANES; other++) {
        product += partial_products[mine + (lane + other) % LANES];
      }
      workgroupBarrier();                                           // before the next part is put in the same place
    }
    for (var t = lane; t < 4u; t += LANES) {
      finish(product[t], segment, row + (i % 2u) * 4u, token + (i / 2u) * 4u + t);
    }
  }
}
