/**
 * @file Wrapper of `shaders/matmul.wgsl` and `shaders/matvec.wgsl`: stacked weight matrices times many token rows or one,
 * and what follows the product.
 */

import matmulCode from '../../shaders/matmul.wgsl?raw'
import matvecCode from '../../shaders/matvec.wgsl?raw'
import productCode from '../../shaders/shared/product.wgsl?raw'
import sigmoidCode from '../../shaders/shared/sigmoid.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { Matrix } from './matrix.ts'
import { type Preset, productConstants } from './preset.ts'
import { blockPart, blockShape, weightPart } from './weight-codec.ts'

// The numbers stand in the shader too.
const epilogues = { plain: 0, channelKey: 1, residual: 2, gatedResidual: 3 } as const

/** Which shader: for one token row, or for several. */
export type RowKernel = 'matvec' | 'matmul'

const shaders = {
  matvec: { code: matvecCode, tileTokens: 1 },
  matmul: { code: matmulCode, tileTokens: 8 },
} as const

/** What `matmul` takes. */
export interface Matmul {
  readonly preset: Preset
  readonly kernel: RowKernel
  readonly matrix: Matrix
  /** Rows of each stacked matrix, a multiple of 8; each has an input of its own. Default: one matrix. */
  readonly segmentRows?: number
  readonly segments?: number
  /** f32 (segments, N, inputStride). */
  readonly input: Buffer
  /** f32s from one input row to the next; default the matrix's columns, more where a gate lies behind them. */
  readonly inputStride?: number
  /** f32 (N, outputStride). */
  readonly out: Buffer
  /** f32s from one output row to the next; default the matrix's rows rounded up to 4. */
  readonly outputStride?: number
  readonly epilogue: keyof typeof epilogues
  /** Uniform whose first u32 is N, and the count of the step that it equals. */
  readonly rowCount: Binding
  readonly count: 'rows' | 'outputs'
}

/** out = epilogue(matrix · input); one dispatch for each piece of the matrix. */
export function matmul(options: Matmul): DispatchSpec[] {
  const { preset, kernel, matrix, input, out, epilogue, rowCount, count } = options
  const { segmentRows = matrix.rows, segments = 1, inputStride = matrix.columns } = options
  const { outputStride = Math.ceil(matrix.rows / 4) * 4 } = options
  const { code, tileTokens } = shaders[kernel]
  const {
    lanes,
    tiles,
    rows: tileRows,
  } = kernel === 'matvec' ? blockShape(preset, matrix.codec) : { ...preset.matmul, rows: 8 }
  const source = {
    label: `${kernel}.${matrix.codec}`,
    parts: [
      weightPart(matrix.codec),
      ...(kernel === 'matvec' ? [blockPart(matrix.codec)] : []),
      { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
      { name: 'shared/product.wgsl', code: productCode },
      { name: `${kernel}.wgsl`, code },
    ],
    bindings: ['uniform', 'uniform', 'read', 'read', 'read_write'],
    constants: { ...productConstants({ lanes, tiles }), ...(kernel === 'matvec' && { ROWS: tileRows }) },
  } as const
  return matrix.pieces.map(({ buffer, firstRow, rows }) => ({
    label: `${kernel} ${matrix.label}[${firstRow}]`,
    source,
    params: [
      firstRow,
      rows,
      matrix.columns / 4,
      epilogues[epilogue],
      segmentRows,
      segments - 1,
      inputStride / 4,
      outputStride / 4,
    ],
    bindings: [rowCount, buffer, input, out],
    grid: (shape) => [Math.ceil(rows / tileRows / tiles), Math.ceil(shape[count] / tileTokens), 1],
  }))
}
