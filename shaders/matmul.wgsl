// matmul: a weight matrix times several token rows (see shared/product.wgsl for what is computed). Each weight is read
// once for 8 tokens.
//
// Invocation: a tile of 8 rows × 8 tokens, as four 4 × 4 matrices in registers (named ones: an array of them is five times
// slower on SwiftShader). LANES invocations share a tile, each taking every LANES-th group of four columns, then add up
// through workgroup memory; LANES = 1 has no barrier.
// Grid: (ceil(rows of the piece / 8 / TILES), ceil(N / 8), 1).
// Needs: weights/*.wgsl, shared/sigmoid.wgsl, shared/product.wgsl.

override LANES: u32;
override TILES: u32;
override PARTIALS: u32;          // LANES · TILES

var<workgroup> partial_products: array<mat4x4f, PARTIALS>;

@compute @workgroup_size(LANES, TILES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let row = (group.x * TILES + local.y) * 8u;
  let token = group.y * 8u;
  let segment = segment_of(row);
  let w0 = weights_of(row);
  let w1 = weights_of(row + 1u);
  let w2 = weights_of(row + 2u);
  let w3 = weights_of(row + 3u);
  let w4 = weights_of(row + 4u);
  let w5 = weights_of(row + 5u);
  let w6 = weights_of(row + 6u);
  let w7 = weights_of(row + 7u);
  let x0 = input_of(segment, token);
  let x1 = input_of(segment, token + 1u);
  let x2 = input_of(segment, token + 2u);
  let x3 = input_of(segment, token + 3u);
  let x4 = input_of(segment, token + 4u);
  let x5 = input_of(segment, token + 5u);
  let x6 = input_of(segment, token + 6u);
  let x7 = input_of(segment, token + 7u);

  // column t of a product is token t's, row r in it is row r's
  var low_first = mat4x4f();                                        // rows 0-3, tokens 0-3
  var low_second = mat4x4f();                                       // rows 0-3, tokens 4-7
  var high_first = mat4x4f();
  var high_second = mat4x4f();
  for (var c = lane; c < params.columns4; c += LANES) {
    let place = place_of(c, params.columns4);
    let weights_low = transpose(mat4x4f(weight4(w0, place), weight4(w1, place), weight4(w2, place), weight4(w3, place)));
    let weights_high = transpose(mat4x4f(weight4(w4, place), weight4(w5, place), weight4(w6, place), weight4(w7, place)));
    let first = mat4x4f(input[x0 + c], input[x1 + c], input[x2 + c], input[x3 + c]);
    let second = mat4x4f(input[x4 + c], input[x5 + c], input[x6 + c], input[x7 + c]);
    low_first += weights_low * first;
    low_second += weights_low * second;
    high_first += weights_high * first;
    high_second += weights_high * second;
  }

  // From here on short code matters more than fast code: the loop compiles in half the time of the unrolled lines.
  let parts = array<mat4x4f, 4>(low_first, low_second, high_first, high_second);
  let mine = local.y * LANES;
  for (var i = 0u; i < 4u; i++) {
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
      finish(product[t], row + (i / 2u) * 4u, token + (i % 2u) * 4u + t);
    }
  }
}
