/** @file Wrapper of `shaders/v7/low-rank-out.wgsl`: the second halves of the low-rank products, for several tokens. */

import code from '../../../shaders/v7/low-rank-out.wgsl?raw'
import type { Buffer } from '../../gpu/buffer.ts'
import type { DispatchSpec } from '../../gpu/dispatch-list.ts'
import type { Binding } from '../../gpu/recorder.ts'
import type { Preset } from '../../kernels/preset.ts'
import { weightPart } from '../../kernels/weight-codec.ts'
import type { LowRank } from './weights.ts'

/** What `lowRankOut` takes. */
export interface LowRankOut {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  readonly lowRank: LowRank
  /** Uniform: N. */
  readonly rowCount: Binding
  /** f32 (N, sum of ranks). */
  readonly low: Buffer
  /** f32 (N, 4, C): v, w, a, g. */
  readonly out: Buffer
}

/** out[n, q] = low[n, ranks of q] · W[ranks of q, ·] for q = v, w, a, g. */
export function lowRankOut({ preset, C, layer, lowRank, rowCount, low, out }: LowRankOut): DispatchSpec {
  const { ranks, second, codec } = lowRank
  return {
    label: `low-rank-out ${layer}`,
    source: {
      label: `v7/low-rank-out.${codec}`,
      parts: [weightPart(codec), { name: 'v7/low-rank-out.wgsl', code }],
      bindings: ['uniform', 'uniform', 'read', 'read', 'read_write'],
      constants: { C, WORKGROUP: preset.channelWorkgroup },
    },
    params: [ranks.v, ranks.w, ranks.a, ranks.g],
    bindings: [rowCount, second, low, out],
    grid: (shape) => [Math.ceil(C / 4 / preset.channelWorkgroup), 4, Math.ceil(shape.rows / 8)],
  }
}
