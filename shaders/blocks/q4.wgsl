// Products of four rows of weights with an input, block by block, where a block is 32 columns. A lane reads 16 contiguous
// bytes of a row, neighbours the next ones. As in blocks/q8.wgsl, the fields of words are summed apart; besides, the least
// weight is multiplied by the sum of the input, and the outlier by what is behind it.
// Needs: weights/q4.wgsl, shared/{alone,subgroup}.wgsl, and `input` as array<vec4f>.

const BLOCK4 = 8u;               // vec4s of a block

struct Inputs {
  even: mat4x4f,                 // the first four columns of each of four words
  odd: mat4x4f,                  // the last four
  excess: vec4f,                 // of each field of the last four
  sum: f32,
  at: u32,                       // of the first four columns
}

// A block of the input that begins at `x`; zeros behind the last column.
fn inputs_of(x: u32, block: u32, columns4: u32, me: Invocation) -> Inputs {
  let end = x + columns4;
  let c = x + 8u * block;
  let at = vec4u(c) + vec4u(0u, 2u, 4u, 6u);
  let even = four_inputs_before(end, at, me);
  let odd = four_inputs_before(end, at + 1u, me);
  let sum_odd = odd[0] + odd[1] + odd[2] + odd[3];
  return Inputs(even, odd, sum_odd * EXCESS_HIGH, dot(even[0] + even[1] + even[2] + even[3] + sum_odd, vec4f(1.0)), c);
}

fn row_product(row: u32, block: u32, place: vec2u, inputs: Inputs) -> f32 {
  let words = weight[row + block];
  let low =
    inputs.even[0] * fields_low(words.x) + inputs.even[1] * fields_low(words.y) +
    inputs.even[2] * fields_low(words.z) + inputs.even[3] * fields_low(words.w);
  let high =
    inputs.odd[0] * fields_high(words.x) + inputs.odd[1] * fields_high(words.y) +
    inputs.odd[2] * fields_high(words.z) + inputs.odd[3] * fields_high(words.w);
  let extra = extra_at(row, place);
  let behind = input[inputs.at + extra.outlier_column / 4u][extra.outlier_column % 4u];
  return extra.scale * (dot(low, FIELD_LOW) + dot(high - inputs.excess, FIELD_HIGH)) + extra.least * inputs.sum +
    (extra.outlier - extra.least) * behind;
}

// Of the rows that begin at `rows`, the part of their products that a block of the input adds.
fn block_product(rows: vec4u, inputs: Inputs, block: u32, columns4: u32) -> vec4f {
  let place = extra_of(block, columns4);
  return vec4f(
    row_product(rows.x, block, place, inputs), row_product(rows.y, block, place, inputs),
    row_product(rows.z, block, place, inputs), row_product(rows.w, block, place, inputs));
}
