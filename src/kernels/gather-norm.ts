/** @file Wrapper of `shaders/gather-norm.wgsl`: rows of a matrix, picked by index and layer-normalised. */

import code from '../../shaders/gather-norm.wgsl?raw'
import sumCode from '../../shaders/shared/sum.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { KernelSource } from '../gpu/kernel.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { Matrix } from './matrix.ts'
import type { Preset } from './preset.ts'
import { type WeightCodec, weightParts } from './weight-codec.ts'

/** What `gatherNorm` takes. */
export interface GatherNorm {
  readonly preset: Preset
  readonly matrix: Matrix
  /** u32, `indexStride` of them to an index: which row of the matrix each output row is. */
  readonly index: Binding
  readonly indexStride: number
  /** u32 (R): the id that each reply drew last; an index of 2^31 + reply stands for it. */
  readonly drawn: Buffer
  /** f32 (2, columns): scale, bias. */
  readonly norm: Buffer
  /** Whether the matrix's rows are normalised already, and are picked as they are. */
  readonly isNormed?: boolean | undefined
  /** f32 (rows, columns). */
  readonly out: Buffer
  /** Which count of the step gives the output's rows. */
  readonly count: 'rows' | 'outputs'
}

/** The kernel for rows of a codec. */
export const gatherNormSource = ({ normWorkgroup }: Preset, codec: WeightCodec): KernelSource => ({
  label: `gather-norm.${codec}`,
  parts: [...weightParts(codec), { name: 'shared/sum.wgsl', code: sumCode }, { name: 'gather-norm.wgsl', code }],
  bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write'],
  constants: { WORKGROUP: normWorkgroup },
})

/** out[i] = LN(matrix[index[i]]), without LN where that is done; one dispatch for each piece of the matrix. */
export function gatherNorm({
  preset,
  matrix,
  index,
  indexStride,
  drawn,
  norm,
  isNormed = false,
  out,
  count,
}: GatherNorm): DispatchSpec[] {
  return matrix.pieces.map(({ buffer, codec, firstRow, rows }) => ({
    label: `gather-norm ${matrix.label}[${firstRow}]`,
    source: gatherNormSource(preset, codec),
    params: [firstRow, rows, Number(isNormed), matrix.columns, indexStride],
    bindings: [index, buffer, norm, drawn, out],
    grid: (shape) => [shape[count], 1, 1],
  }))
}
