// Products of four rows of weights with an input, block by block, where a block is 32 columns that share a scale. A lane
// reads 32 contiguous bytes of a row as two vec4s, neighbours the next ones. What can be done once a block is done then:
// the sums of the four fields of words are kept apart, then each is multiplied by its FIELD, and all by the scale. The
// same for 128, which three fields hold in excess: its product with the input is the same for every row.
// Needs: weights/q8.wgsl, shared/{alone,subgroup}.wgsl, and `input` as array<vec4f>.

const BLOCK4 = 8u;               // vec4s of a block

struct Inputs {
  low: mat4x4f,                  // columns 0 … 15 of the block
  high: mat4x4f,
  excess: vec4f,                 // of each field
}

// A block of the input that begins at `x`. Behind the last column the quants are 0: any finite input will do.
fn inputs_of(x: u32, block: u32, columns4: u32, me: Invocation) -> Inputs {
  let last = vec4u(x + columns4 - 1u);
  let at = vec4u(x + 8u * block) + vec4u(0u, 1u, 2u, 3u);
  let low = four_inputs(min(at, last), me);
  let high = four_inputs(min(at + 4u, last), me);
  let both = low + high;
  return Inputs(low, high, (both[0] + both[1] + both[2] + both[3]) * EXCESS);
}

fn row_product(at: u32, inputs: Inputs) -> f32 {
  let low = weight[at];
  let high = weight[at + 1u];
  let sums =
    inputs.low[0] * fields(low.x) + inputs.low[1] * fields(low.y) +
    inputs.low[2] * fields(low.z) + inputs.low[3] * fields(low.w) +
    inputs.high[0] * fields(high.x) + inputs.high[1] * fields(high.y) +
    inputs.high[2] * fields(high.z) + inputs.high[3] * fields(high.w);
  return dot(sums - inputs.excess, FIELD);
}

// Of the rows that begin at `rows`, the part of their products that a block of the input adds.
fn block_product(rows: vec4u, inputs: Inputs, block: u32, columns4: u32) -> vec4f {
  let at = rows + 2u * block;
  let scale = scale_of(block, columns4);
  let s = rows + scale.x;
  return vec4f(row_product(at.x, inputs), row_product(at.y, inputs), row_product(at.z, inputs), row_product(at.w, inputs)) *
    bitcast<vec4f>(vec4u(weight[s.x][scale.y], weight[s.y][scale.y], weight[s.z][scale.y], weight[s.w][scale.y]));
}
