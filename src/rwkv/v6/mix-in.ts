/** @file Wrapper of `shaders/v6/mix-in.wgsl`: layer norm, token shift, and the first half of the mixes of RWKV-6. */

import shiftedCode from '../../../shaders/shared/shifted.wgsl?raw'
import sigmoidCode from '../../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../../shaders/shared/step.wgsl?raw'
import sumCode from '../../../shaders/shared/sum.wgsl?raw'
import code from '../../../shaders/v6/mix-in.wgsl?raw'
import type { Buffer } from '../../gpu/buffer.ts'
import type { DispatchSpec } from '../../gpu/dispatch-list.ts'
import type { Binding } from '../../gpu/recorder.ts'
import type { LayerState } from '../../kernels/layer-state.ts'
import { type Matrix, onlyPiece } from '../../kernels/matrix.ts'
import { type Preset, productConstants } from '../../kernels/preset.ts'
import { weightParts } from '../../kernels/weight-codec.ts'

/** What `mixIn` takes. */
export interface MixIn {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  /** Rows of C numbers that a layer remembers. */
  readonly R: number
  readonly rows: Binding
  readonly entries: Binding
  /** (5 · rank, C), in one piece, not quantised. */
  readonly matrix: Matrix
  /** f32 (N, C). */
  readonly x: Buffer
  /** f32 (3, C): LN scale, LN bias, what this token has of the input. */
  readonly normMix: Buffer
  readonly state: LayerState
  /** f32 (N, 5 · rank). */
  readonly low: Buffer
  /** f32 (N, 2, C): the norm of a row, and that of the token before. */
  readonly shifted: Buffer
}

/** low = tanh(W · mix of LN(x)); the shift row of the state stays, for `lowRankOut` to move on. */
export function mixIn(options: MixIn): DispatchSpec {
  const { preset, C, layer, R, rows, entries, matrix, x, normMix, state, low, shifted } = options
  const { lanes, tiles } = preset.matvec
  const { buffer, codec } = onlyPiece(matrix)
  return {
    label: `mix-in ${layer}`,
    source: {
      label: `v6/mix-in.${codec}`,
      parts: [
        ...weightParts(codec),
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sum.wgsl', code: sumCode },
        { name: 'shared/shifted.wgsl', code: shiftedCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'v6/mix-in.wgsl', code },
      ],
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read', 'read_write', 'read_write'],
      constants: { WORKGROUP: lanes * tiles, ...productConstants({ lanes, tiles }) },
    },
    params: [state.layer, matrix.rows, C, state.layers, R],
    bindings: [rows, buffer, x, normMix, state.buffer, entries, low, shifted],
    grid: (shape) => [Math.ceil(matrix.rows / 4 / tiles), shape.rows, 1],
  }
}
