/** @file Products of matrices with token rows, by the kernel that suits their number. */

import { BLOCK, isQuantized } from '../core/weight-layout.ts'
import { type Address, codecs } from './kernels.ts'
import type { WasmMatrix } from './matrix.ts'
import type { ModelMemory } from './memory.ts'

/** Token rows to multiply, f32; strides are counted in numbers. */
export interface ProductRows {
  readonly input: Address
  /** Default: the matrix’s columns. */
  readonly inputStride?: number
  readonly count: number
  readonly out: Address
  /** Default: the matrix’s rows. */
  readonly outStride?: number
  /** Rows of the matrix; default all. Row r goes to place r of an output row, wherever `from` is. */
  readonly from?: number
  readonly to?: number
}

/** The products of one model. */
export interface Products {
  /** out[n, r] = matrix[r] · input[n]. */
  multiply(matrix: WasmMatrix, rows: ProductRows): void
  /** The matrix the other way round: out[n] = Σ over its rows from `from` to `to` of input[n, r - from] · matrix[r]. */
  sumRows(matrix: WasmMatrix, rows: Required<ProductRows>): void
}

const DECODED_ROWS = 8 // see shaders/wasm/products.ts

/** Products with matrices of at most `columns` columns; allocates what they need on the way. */
export function createProducts(memory: ModelMemory, columns: number): Products {
  const whole = Math.ceil(columns / BLOCK) * BLOCK
  const quantized = memory.allocate(whole * 2 + (whole / BLOCK) * 8)
  const scratch = memory.allocate(DECODED_ROWS * whole * 4)
  return {
    multiply(matrix, rows) {
      const { codec, at, rowByteLength, columns } = matrix
      const { input, inputStride = columns, count, out, outStride = matrix.rows, from = 0, to = matrix.rows } = rows
      const part = [codecs[codec], at, rowByteLength, from, to, columns] as const
      if (count === 1) {
        if (isQuantized(codec)) memory.kernels.quantize(input, columns, quantized)
        memory.kernels.matvec(...part, input, quantized, out)
      } else {
        memory.kernels.matmul(...part, input, inputStride * 4, count, out, outStride * 4, scratch)
      }
    },
    sumRows({ codec, at, rowByteLength, columns }, { input, inputStride, count, out, outStride, from, to }) {
      const first = at + from * rowByteLength
      const rows = [input, inputStride * 4, count, out, outStride * 4] as const
      memory.kernels.sumRows(codecs[codec], first, rowByteLength, to - from, columns, ...rows, scratch)
    },
  }
}
