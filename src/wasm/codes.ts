/** @file The numbers that stand for formats in shaders/wasm/codecs.ts, and for functions in shaders/wasm/rows.ts. */

export const codecs = { f32: 0, f16: 1, bf16: 2, q8: 3, q4: 4 } as const
export const activations = { squaredRelu: 1, sigmoid: 2, tanh: 3, silu: 4 } as const
