// Products of four rows of weights with an input, block by block, where a block is four columns.
// Needs: weights/{f32,f16,bf16}.wgsl, and `input` as array<vec4f>.

const BLOCK4 = 1u;               // vec4s of a block

// Of the rows that begin at `rows`, the part of their products with the input from `x` on that a block adds.
fn block_product(rows: vec4u, x: u32, block: u32, columns4: u32) -> vec4f {
  return input[x + block] *
    mat4x4f(weight4(rows.x, block), weight4(rows.y, block), weight4(rows.z, block), weight4(rows.w, block));
}
