/** @file What a state with heads says about itself: how large its rows are. How fast it fades is mostly up to each token. */

import type { ModelConfig } from '../../core/protocol.ts'
import { headSizeOf } from '../../core/tensor-spec.ts'
import type { Inspect } from '../../forward/architecture.ts'

/** Looks at states of a model. A look takes time proportional to the size of the state. */
export function inspector(config: ModelConfig): Inspect {
  const { L, C } = config
  const length = (2 + headSizeOf(config)) * C
  return (rows) => ({
    layers: Array.from({ length: L }, (_, layer) => {
      const own = rows.subarray(layer * length, (layer + 1) * length)
      return {
        norms: {
          attX: norm(own.subarray(0, C)),
          ffnX: norm(own.subarray(C, 2 * C)),
          s: norm(own.subarray(2 * C)),
        },
      }
    }),
  })
}

/** √Σx². */
function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
