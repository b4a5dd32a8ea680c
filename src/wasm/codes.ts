/** @file The numbers that stand for formats in shaders/wasm/codecs.ts and levels.ts, and for functions in shaders/wasm/rows.ts. */

export const codecs = {
  ...{ f32: 0, f16: 1, bf16: 2, q8: 3, q4: 4 },
  ...{ q4_1: 5, q5_1: 6, q4_k: 7, q5_k: 8, q6_k: 9 },
} as const
export const activations = { squaredRelu: 1, sigmoid: 2, tanh: 3, silu: 4 } as const
