// What the products of a weight matrix and token rows have in common: bindings, segments, and what follows the product.
//
//   out[n, r] = epilogue( activation[segment(r)]( sum over c of W[r, c] · input[first_input + segment(r), n, c] ) )
//
// Several matrices stacked by rows (key, value, receptance) are one product: up to four segments, each with an input and an
// activation of its own. A matrix split over several bindings takes one dispatch a piece.

// Sizes are parameters, not overrides: one pipeline serves every matrix of a model, for these take long to compile.

const STORE = 0u;                // out = value
const RESIDUAL = 1u;             // out += value
const GATED_RESIDUAL = 2u;       // out += gate · value; gate[n, r] lies behind the columns of the input's row n

const NONE = 0u;
const SQUARED_RELU = 1u;
const SIGMOID = 2u;
const TANH = 3u;
const SILU = 4u;

struct Params {
  first_row: u32,                // of this piece in the whole matrix, a multiple of 8
  rows: u32,                     // in this piece
  columns4: u32,                 // columns / 4
  epilogue: u32,                 // one of the first three above
  activations: u32,              // a byte a segment, the first in the lowest
  first_input: u32,              // of segment 0
  input_stride4: u32,            // vec4s from one row of the input to the next
  output_stride4: u32,           // vec4s from one row of the output to the next
  ends: vec4u,                   // where the rows of each segment end in this piece: multiples of 8 but for the last
}

struct Count {
  rows: u32,                     // N
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> count: Count;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;       // (segments, N, input stride)
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (N, output stride)

// The rows of a workgroup, all of one segment.
struct GroupRows {
  segment: u32,
  first: u32,
}

// What workgroup `group` computes, `size` rows each: every segment begins with a workgroup of its own.
fn rows_of_group(group: u32, size: u32) -> GroupRows {
  var row = group * size;
  var begin = 0u;
  for (var segment = 0u; segment < 3u; segment++) {
    let end = params.ends[segment];
    let padded = (end - begin + size - 1u) / size * size;
    if (row < padded) {
      return GroupRows(segment, begin + row);
    }
    row -= padded;
    begin = end;
  }
  return GroupRows(3u, begin + row);
}

// Where the weights of four rows from `row` on begin; rows beyond the end read the last one once more.
fn rows_of(row: u32) -> vec4u {
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(params.rows - 1u));
  return vec4u(
    row_of(rows.x, params.columns4), row_of(rows.y, params.columns4), row_of(rows.z, params.columns4),
    row_of(rows.w, params.columns4));
}

// Where the input of token n begins; tokens beyond the end read the last one once more.
fn input_of(segment: u32, n: u32) -> u32 {
  return ((params.first_input + segment) * count.rows + min(n, count.rows - 1u)) * params.input_stride4;
}

fn activate(product: vec4f, segment: u32) -> vec4f {
  switch (params.activations >> (8u * segment)) & 255u {
    case SQUARED_RELU: {
      let positive = max(product, vec4f(0.0));
      return positive * positive;
    }
    case SIGMOID: {
      return sigmoid4(product);
    }
    case TANH: {
      return 2.0 * sigmoid4(2.0 * product) - 1.0;                   // some adapters give NaN for tanh of large numbers
    }
    case SILU: {
      return product * sigmoid4(product);
    }
    default: {
      return product;
    }
  }
}

// Put the product of rows row … row + 3 of a segment with token n where it belongs; what does not exist is dropped.
fn finish(product: vec4f, segment: u32, row: u32, n: u32) {
  if (n >= count.rows || row >= params.ends[segment]) {
    return;
  }
  let row4 = (params.first_row + row) / 4u;
  let at = n * params.output_stride4 + row4;
  let value = activate(product, segment);
  switch params.epilogue {
    case RESIDUAL: {
      out[at] += value;
    }
    case GATED_RESIDUAL: {
      out[at] += input[n * params.input_stride4 + params.columns4 + row4] * value;
    }
    default: {
      out[at] = value;
    }
  }
}
