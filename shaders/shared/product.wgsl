// What the products of a weight matrix and token rows have in common: bindings, segments, and what follows the product.
//
//   out[n, r] = epilogue( sum over c of W[r, c] · input[segment(r), n, c] )
//
// Several matrices stacked by rows (key, value, receptance) are one product: their rows fall into segments of
// SEGMENT_ROWS, each with an input of its own. A matrix split over several bindings takes one dispatch a piece.

override SEGMENT_ROWS: u32;      // a multiple of 8 if there are several: no tile has rows of two segments
override LAST_SEGMENT: u32;      // segments - 1
override INPUT_STRIDE: u32;      // f32s from one row of the input to the next, a multiple of 4
override OUTPUT_STRIDE: u32;     // f32s from one row of the output to the next, a multiple of 4
override EPILOGUE: u32;          // one of these:

const PLAIN = 0u;                // out = product
const CHANNEL_KEY = 1u;          // out = relu(product)² in segment 0, sigmoid(product) after
const RESIDUAL = 2u;             // out += product
const GATED_RESIDUAL = 3u;       // out += gate · product; gate[n, r] lies behind the COLUMNS of the input's row n

struct Params {
  first_row: u32,                // of this piece in the whole matrix, a multiple of 8
  rows: u32,                     // in this piece
}

struct Count {
  rows: u32,                     // N
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> count: Count;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;       // (segments, N, INPUT_STRIDE)
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (N, OUTPUT_STRIDE)

// Which segment a row of this piece belongs to.
fn segment_of(row: u32) -> u32 {
  return min((params.first_row + row) / SEGMENT_ROWS, LAST_SEGMENT);
}

// Where the weights of a row begin; rows beyond the end read the last one once more.
fn weights_of(row: u32) -> u32 {
  return min(row, params.rows - 1u) * (COLUMNS / 4u);
}

// Where the input of token n begins; tokens beyond the end read the last one once more.
fn input_of(segment: u32, n: u32) -> u32 {
  return (segment * count.rows + min(n, count.rows - 1u)) * (INPUT_STRIDE / 4u);
}

// Put the product of rows row … row + 3 with token n where it belongs; what does not exist is dropped.
fn finish(product: vec4f, row: u32, n: u32) {
  if (n >= count.rows || row >= params.rows) {
    return;
  }
  let row4 = (params.first_row + row) / 4u;
  let at = n * (OUTPUT_STRIDE / 4u) + row4;
  switch EPILOGUE {
    case CHANNEL_KEY: {
      let key = max(product, vec4f(0.0));
      out[at] = select(sigmoid4(product), key * key, segment_of(row) == 0u);
    }
    case RESIDUAL: {
      out[at] += product;
    }
    case GATED_RESIDUAL: {
      out[at] += input[n * (INPUT_STRIDE / 4u) + COLUMNS / 4u + row4] * product;
    }
    default: {
      out[at] = product;
    }
  }
}
