/** @file Wrapper of `shaders/v7/wkv.wgsl`: the time-mix of RWKV-7 between its products. */

import headCode from '../../../shaders/heads/head.wgsl?raw'
import lowProductCode from '../../../shaders/heads/low-product.wgsl?raw'
import unwatchedCode from '../../../shaders/heads/unwatched.wgsl?raw'
import watchedCode from '../../../shaders/heads/watched.wgsl?raw'
import sigmoidCode from '../../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../../shaders/shared/step.wgsl?raw'
import hereCode from '../../../shaders/v7/low-rank-here.wgsl?raw'
import readyCode from '../../../shaders/v7/low-rank-ready.wgsl?raw'
import code from '../../../shaders/v7/wkv.wgsl?raw'
import type { Buffer } from '../../gpu/buffer.ts'
import type { DispatchSpec } from '../../gpu/dispatch-list.ts'
import type { Binding } from '../../gpu/recorder.ts'
import type { LayerState } from '../../kernels/layer-state.ts'
import { onlyPiece } from '../../kernels/matrix.ts'
import type { Preset } from '../../kernels/preset.ts'
import { weightParts } from '../../kernels/weight-codec.ts'
import type { LowRank } from './weights.ts'

/** What `wkv` takes. */
export interface Wkv {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  /** Channels of a head: 16, 32, 64 or 128. */
  readonly headSize: number
  readonly lowRank: LowRank
  readonly entries: Binding
  /** f32 (N, 3, C). */
  readonly rkv: Buffer
  /** f32 (8, C): w0, a0, v0, k_k, k_a, r_k, scale and bias of ln_x. */
  readonly vectors: Buffer
  /** R is 2 + headSize. */
  readonly state: LayerState
  /** f32 (N, C): v of layer 0. */
  readonly first: Buffer
  /** f32 (N, C). */
  readonly out: Buffer
  /** The first halves of the low-rank products, f32 (N, sum of ranks); or both, f32 (N, 4, C), as `lowRankOut` leaves them. */
  readonly low: { readonly first: Buffer } | { readonly both: Buffer }
  /** f32 (N, C): where y is left as it is before norm and gate, for a trace. Only with both halves. */
  readonly watched?: Buffer | undefined
}

/** From r, k, v and the low-rank products to what goes into the output matrix; S of the layer moves on. */
export function wkv(options: Wkv): DispatchSpec {
  const { preset, C, layer, headSize, lowRank, entries, rkv, vectors, state, first, out, low, watched } = options
  const { ranks, second } = lowRank
  const { buffer, codec } = onlyPiece(second)
  const split = preset.headSplit
  const isHere = 'first' in low
  const extra = isHere ? low.first : watched
  return {
    label: `wkv ${layer}`,
    source: {
      label: isHere ? `v7/wkv.${codec}` : watched ? 'v7/wkv.watched' : 'v7/wkv.ready',
      parts: [
        { name: 'keys', code: `const KEYS = ${headSize / split}u;\n` },
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'heads/head.wgsl', code: headCode },
        ...(isHere
          ? [
              ...weightParts(codec),
              { name: 'heads/low-product.wgsl', code: lowProductCode },
              { name: 'v7/low-rank-here.wgsl', code: hereCode },
            ]
          : [{ name: 'v7/low-rank-ready.wgsl', code: readyCode }]),
        watched
          ? { name: 'heads/watched.wgsl', code: watchedCode }
          : { name: 'heads/unwatched.wgsl', code: unwatchedCode },
        { name: 'v7/wkv.wgsl', code },
      ],
      bindings: [
        'uniform',
        'read',
        'read',
        'read',
        'read',
        'read_write',
        'read_write',
        'read_write',
        ...(isHere ? ['read' as const] : watched ? ['read_write' as const] : []),
      ],
      constants: { C, L: state.layers, HEAD4: headSize / 4, SPLIT: split, LANES: (headSize / 4) * split },
    },
    params: [state.layer, ranks.v, ranks.w, ranks.a, ranks.g],
    bindings: [entries, isHere ? buffer : low.both, rkv, vectors, state.buffer, first, out, ...(extra ? [extra] : [])],
    grid: (shape) => [C / headSize, shape.entries, 1],
  }
}
