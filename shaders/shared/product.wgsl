// What the products of a weight matrix and token rows have in common: bindings, segments, and what follows the product.
//
//   out[n, r] = epilogue( sum over c of W[r, c] · input[segment(r), n, c] )
//
// Several matrices stacked by rows (key, value, receptance) are one product: their rows fall into segments of
// params.segment_rows, each with an input of its own. A matrix split over several bindings takes one dispatch a piece.

// Sizes are parameters, not overrides: one pipeline serves every matrix of a model, for these take long to compile.

const PLAIN = 0u;                // out = product
const CHANNEL_KEY = 1u;          // out = relu(product)² in segment 0, sigmoid(product) after
const RESIDUAL = 2u;             // out += product
const GATED_RESIDUAL = 3u;       // out += gate · product; gate[n, r] lies behind the columns of the input's row n

struct Params {
  first_row: u32,                // of this piece in the whole matrix, a multiple of 8
  rows: u32,                     // in this piece
  columns4: u32,                 // columns / 4
  epilogue: u32,                 // one of the above
  segment_rows: u32,             // a multiple of 8 if there are several: no tile has rows of two segments
  last_segment: u32,             // segments - 1
  input_stride4: u32,            // vec4s from one row of the input to the next
  output_stride4: u32,           // vec4s from one row of the output to the next
}

struct Count {
  rows: u32,                     // N
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> count: Count;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;       // (segments, N, input stride)
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (N, output stride)

// Which segment a row of this piece belongs to.
fn segment_of(row: u32) -> u32 {
  return min((params.first_row + row) / params.segment_rows, params.last_segment);
}

// Where the weights of a row begin; rows beyond the end read the last one once more.
fn weights_of(row: u32) -> u32 {
  return row_of(min(row, params.rows - 1u), params.columns4);
}

// Where the input of token n begins; tokens beyond the end read the last one once more.
fn input_of(segment: u32, n: u32) -> u32 {
  return (segment * count.rows + min(n, count.rows - 1u)) * params.input_stride4;
}

// Put the product of rows row … row + 3 with token n where it belongs; what does not exist is dropped.
fn finish(product: vec4f, row: u32, n: u32) {
  if (n >= count.rows || row >= params.rows) {
    return;
  }
  let row4 = (params.first_row + row) / 4u;
  let at = n * params.output_stride4 + row4;
  switch params.epilogue {
    case CHANNEL_KEY: {
      let key = max(product, vec4f(0.0));
      out[at] = select(sigmoid4(product), key * key, segment_of(row) == 0u);
    }
    case RESIDUAL: {
      out[at] += product;
    }
    case GATED_RESIDUAL: {
      out[at] += input[n * params.input_stride4 + params.columns4 + row4] * product;
    }
    default: {
      out[at] = product;
    }
  }
}
