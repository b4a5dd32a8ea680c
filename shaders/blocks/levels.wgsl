// Products of four rows of weights with an input, block by block, where a block is 32 columns. A lane reads 16 contiguous
// bytes of a row, neighbours the next ones. As in blocks/q8.wgsl, the four fields of words are summed apart; offsets are
// multiplied by the sums of the input.
// Needs: weights/levels.wgsl, shared/{alone,subgroup}.wgsl, and `input` as array<vec4f>.

const BLOCK4 = 8u;               // vec4s of a block

struct Inputs {
  low: mat4x4f,                  // columns 0 … 15 of the block
  high: mat4x4f,
  sums: vec2f,                   // of each half
}

// A block of the input that begins at `x`; zeros behind the last column.
fn inputs_of(x: u32, block: u32, columns4: u32, me: Invocation) -> Inputs {
  let end = x + columns4;
  let at = vec4u(x + 8u * block) + vec4u(0u, 1u, 2u, 3u);
  let low = four_inputs_before(end, at, me);
  let high = four_inputs_before(end, at + 4u, me);
  return Inputs(low, high, vec2f(sum_of(low), sum_of(high)));
}

fn sum_of(columns: mat4x4f) -> f32 {
  return dot(columns[0] + columns[1] + columns[2] + columns[3], vec4f(1.0));
}

fn row_product(row: u32, inputs: Inputs, block: u32, blocks: u32) -> f32 {
  let words = weight[row + block];
  let upper = upper_bits(row + blocks, block);
  let low =
    inputs.low[0] * fields((words.x & LOWER) | upper_of(upper, 0u)) +
    inputs.low[1] * fields((words.y & LOWER) | upper_of(upper, 1u)) +
    inputs.low[2] * fields((words.z & LOWER) | upper_of(upper, 2u)) +
    inputs.low[3] * fields((words.w & LOWER) | upper_of(upper, 3u));
  let above = words >> vec4u(4u);
  let high =
    inputs.high[0] * fields((above.x & LOWER) | upper_of(upper, 4u)) +
    inputs.high[1] * fields((above.y & LOWER) | upper_of(upper, 5u)) +
    inputs.high[2] * fields((above.z & LOWER) | upper_of(upper, 6u)) +
    inputs.high[3] * fields((above.w & LOWER) | upper_of(upper, 7u));
  let range = range_of(row + range_at(blocks), block, blocks);
  return dot(vec2f(dot(low, FIELD), dot(high, FIELD)), range.scale) + dot(inputs.sums, range.offset);
}

// Of the rows that begin at `rows`, the part of their products that a block of the input adds.
fn block_product(rows: vec4u, inputs: Inputs, block: u32, columns4: u32) -> vec4f {
  let blocks = blocks_of(columns4);
  return vec4f(
    row_product(rows.x, inputs, block, blocks), row_product(rows.y, inputs, block, blocks),
    row_product(rows.z, inputs, block, blocks), row_product(rows.w, inputs, block, blocks));
}
