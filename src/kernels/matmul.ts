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
import { blockPart, blockShape, inputPart, type WeightCodec, weightParts } from './weight-codec.ts'

// The numbers stand in the shader too.
const epilogues = { store: 0, residual: 1, gatedResidual: 2 } as const
const activations = { none: 0, squaredRelu: 1, sigmoid: 2, tanh: 3, silu: 4 } as const

/** Rows of one of the matrices that are stacked, and what its products go through. */
export interface Segment {
  /** A multiple of 8 but in the last one. */
  readonly rows: number
  readonly activation?: keyof typeof activations
}

const MOST_SEGMENTS = 4

/** Which shader: for one token row, or for several. */
export type RowKernel = 'matvec' | 'matmul'

const shaders = {
  matvec: matvecCode,
  matmul: matmulCode,
} as const

/** What `matmul` takes. */
export interface Matmul {
  readonly preset: Preset
  readonly kernel: RowKernel
  readonly matrix: Matrix
  /** The stacked matrices, at most 4; each has an input of its own. Default: one, without activation. */
  readonly segments?: readonly Segment[]
  /** f32 (inputs, N, inputStride). */
  readonly input: Buffer
  /** The first segment's input, after which the others' follow; default 0. */
  readonly firstInput?: number
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

/** out = epilogue(activation(matrix · input)); one dispatch for each piece of the matrix. */
export function matmul(options: Matmul): DispatchSpec[] {
  const { preset, kernel, matrix, input, out, epilogue, rowCount, count } = options
  const { segments = [{ rows: matrix.rows }], firstInput = 0, inputStride = matrix.columns } = options
  const { outputStride = Math.ceil(matrix.rows / 4) * 4 } = options
  return matrix.pieces.map(({ buffer, codec, firstRow, rows }) => {
    const { tile, constants } = shapeOf(kernel, preset, codec)
    const ends = endsOf(segments, firstRow, rows)
    const groups = ends.reduce((sum, end, i) => sum + Math.ceil((end - (ends[i - 1] ?? 0)) / tile.rows), 0)
    return {
      label: `${kernel} ${matrix.label}[${firstRow}]`,
      source: {
        label: `${kernel}.${codec}`,
        parts: [
          inputPart(preset),
          ...weightParts(codec),
          ...(kernel === 'matvec' ? [blockPart(codec)] : []),
          { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
          { name: 'shared/product.wgsl', code: productCode },
          { name: `${kernel}.wgsl`, code: shaders[kernel] },
        ],
        bindings: ['uniform', 'uniform', 'read', 'read', 'read_write'],
        constants,
      },
      params: [
        firstRow,
        rows,
        matrix.columns / 4,
        epilogues[epilogue],
        segments.reduce((packed, { activation = 'none' }, i) => packed | (activations[activation] << (8 * i)), 0),
        firstInput,
        inputStride / 4,
        outputStride / 4,
        ...ends,
      ],
      bindings: [rowCount, buffer, input, out],
      grid: (shape) => [groups, Math.ceil(shape[count] / tile.tokens), 1],
    }
  })
}

/** Rows and tokens of a workgroup, and the overrides that make them so. */
function shapeOf(kernel: RowKernel, preset: Preset, codec: WeightCodec) {
  if (kernel === 'matvec') {
    const { rows, ...shape } = blockShape(preset, codec)
    return { tile: { rows: rows * shape.tiles, tokens: 1 }, constants: { ...productConstants(shape), ROWS: rows } }
  }
  const { tokens, ...shape } = preset.matmul
  return { tile: { rows: 8 * shape.tiles, tokens }, constants: { ...productConstants(shape), TOKENS: tokens } }
}

/** Where each segment ends within a piece; those that are not there have no rows. */
function endsOf(segments: readonly Segment[], firstRow: number, rows: number): number[] {
  if (segments.length > MOST_SEGMENTS) throw new RangeError(`${segments.length} segments`)
  let end = -firstRow
  const ends = segments.map((segment) => {
    end += segment.rows
    return Math.min(rows, Math.max(0, end))
  })
  return [...ends, ...Array<number>(MOST_SEGMENTS - ends.length).fill(rows)]
}
