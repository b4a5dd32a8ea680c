/** @file Wrapper of `shaders/kvr-wkv-v4.wgsl`: key, value, receptance and the WKV recurrence of a single token. */

import code from '../../shaders/kvr-wkv-v4.wgsl?raw'
import sigmoidCode from '../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../shaders/shared/step.wgsl?raw'
import wkvStepCode from '../../shaders/shared/wkv-step-v4.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { Matrix } from './matrix.ts'
import { productConstants } from './preset.ts'
import { blockPart, blockShape, weightPart } from './weight-codec.ts'
import type { WkvV4 } from './wkv-v4.ts'

/** What `kvrWkvV4` takes. */
export interface KvrWkvV4 extends Omit<WkvV4, 'kvr' | 'watched'> {
  /** (3 · C, C): key, value, receptance, in one piece. */
  readonly matrix: Matrix
  /** f32 (3, 1, C). */
  readonly mixed: Buffer
}

/** out = sigmoid(r) ⊙ wkv(k, v) for one token, and aa, bb, pp move on. */
export function kvrWkvV4({ preset, C, L, layer, entries, matrix, mixed, time, state, out }: KvrWkvV4): DispatchSpec {
  const [piece, ...others] = matrix.pieces
  if (!piece || others.length > 0) throw new RangeError(`${matrix.label} is in ${matrix.pieces.length} pieces`)
  const { lanes, tiles } = blockShape(preset, matrix.codec)
  return {
    label: `kvr-wkv ${layer}`,
    source: {
      label: `kvr-wkv-v4.${matrix.codec}`,
      parts: [
        weightPart(matrix.codec),
        blockPart(matrix.codec),
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'shared/wkv-step-v4.wgsl', code: wkvStepCode },
        { name: 'kvr-wkv-v4.wgsl', code },
      ],
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read_write'],
      constants: { C, L, ...productConstants({ lanes, tiles }) },
    },
    params: [layer],
    bindings: [entries, piece.buffer, mixed, time, state, out],
    grid: () => [Math.ceil(C / 4 / tiles), 1, 1],
  }
}
