// Low-rank products are left as they are.

@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;   // (N, PRODUCTS, C)

fn put(n: u32, q: u32, c: u32, product: vec4f) {
  out[(n * PRODUCTS + q) * (params.channels / 4u) + c] = product;
}
