// Products of four rows of weights with an input, block by block, where a block is four columns.
// Needs: weights/{f32,f16,bf16}.wgsl, and `input` as array<vec4f>.

const BLOCK4 = 1u;               // vec4s of a block

struct Inputs {
  columns: vec4f,
}

// A block of the input that begins at `x`.
fn inputs_of(x: u32, block: u32, columns4: u32, me: Invocation) -> Inputs {
  return Inputs(input[x + block]);
}

// Of the rows that begin at `rows`, the part of their products that a block of the input adds.
fn block_product(rows: vec4u, inputs: Inputs, block: u32, columns4: u32) -> vec4f {
  return inputs.columns *
    mat4x4f(weight4(rows.x, block), weight4(rows.y, block), weight4(rows.z, block), weight4(rows.w, block));
}
