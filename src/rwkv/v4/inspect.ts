/**
 * @file What a state of RWKV-4 says about itself: how large its rows are, how fast each channel forgets, and how much of
 * what it holds is recent. Pure; rows as in the pool, (L, 5, C): attX ffnX aa bb pp.
 */

import type { LayerInspection, ModelConfig } from '../../core/protocol.ts'
import type { Inspect } from '../../forward/architecture.ts'
import { decayOf } from './weights.ts'

/** Looks at states of a model. A look takes time proportional to the size of the state. */
export function inspector({ L, C }: ModelConfig, vectors: ReadonlyMap<string, Float32Array>): Inspect {
  const row = (all: Float32Array, layer: number, index: number) =>
    all.subarray((layer * 5 + index) * C, (layer * 5 + index + 1) * C)
  const decays = Array.from({ length: L }, (_, layer) =>
    (vectors.get(`blocks.${layer}.att.time_decay`) ?? new Float32Array(C)).map(decayOf),
  )
  return (rows, earlier) => ({
    layers: decays.map((w, layer): LayerInspection => {
      const [aa, bb, pp] = [2, 3, 4].map((index) => row(rows, layer, index)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ]
      return {
        norms: {
          attX: norm(row(rows, layer, 0)),
          ffnX: norm(row(rows, layer, 1)),
          mean: norm(aa.map((sum, c) => (bb[c] === 0 ? 0 : sum / (bb[c] as number)))),
        },
        halfLife: w.map((decay) => Math.LN2 / -decay),
        ...(earlier && {
          recentShare: bb.map((sum, c) => {
            // What was there has faded by n·w; both sums are multiples of exp of their own pp.
            const bb0 = row(earlier.rows, layer, 3)[c] as number
            const pp0 = row(earlier.rows, layer, 4)[c] as number
            if (bb0 === 0 || sum === 0) return sum === 0 ? 0 : 1
            const left = (bb0 * Math.exp(pp0 + earlier.tokens * (w[c] as number) - (pp[c] as number))) / sum
            return Math.min(1, Math.max(0, 1 - left))
          }),
        }),
      }
    }),
  })
}

/** √Σx². */
function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
