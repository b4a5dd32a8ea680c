/** @file Wrapper of `shaders/v4/kvr-wkv.wgsl`: key, value, receptance and the WKV recurrence of a single token. */

import sigmoidCode from '../../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../../shaders/shared/step.wgsl?raw'
import code from '../../../shaders/v4/kvr-wkv.wgsl?raw'
import wkvStepCode from '../../../shaders/v4/wkv-step.wgsl?raw'
import type { Buffer } from '../../gpu/buffer.ts'
import type { DispatchSpec } from '../../gpu/dispatch-list.ts'
import { type Matrix, onlyPiece } from '../../kernels/matrix.ts'
import { productConstants } from '../../kernels/preset.ts'
import { blockPart, blockShape, inputPart, weightParts } from '../../kernels/weight-codec.ts'
import type { Wkv } from './wkv.ts'

/** What `kvrWkv` takes. */
export interface KvrWkv extends Omit<Wkv, 'kvr' | 'watched'> {
  /** (3 · C, C): key, value, receptance, in one piece. */
  readonly matrix: Matrix
  /** f32 (3, 1, C). */
  readonly mixed: Buffer
}

/** out = sigmoid(r) ⊙ wkv(k, v) for one token, and aa, bb, pp move on. */
export function kvrWkv({ preset, C, layer, entries, matrix, mixed, time, state, out }: KvrWkv): DispatchSpec {
  const { buffer, codec } = onlyPiece(matrix)
  const { lanes, tiles } = blockShape(preset, codec)
  return {
    label: `kvr-wkv ${layer}`,
    source: {
      label: `v4/kvr-wkv.${codec}`,
      parts: [
        inputPart(preset),
        ...weightParts(codec),
        blockPart(codec),
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'v4/wkv-step.wgsl', code: wkvStepCode },
        { name: 'v4/kvr-wkv.wgsl', code },
      ],
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read_write'],
      constants: productConstants({ lanes, tiles }),
    },
    params: [state.layer, C, state.layers],
    bindings: [entries, buffer, mixed, time, state.buffer, out],
    grid: () => [Math.ceil(C / 4 / tiles), 1, 1],
  }
}
