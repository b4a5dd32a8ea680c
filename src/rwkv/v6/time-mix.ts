/** @file Time-mix of RWKV-6: each token says how its inputs are mixed and what each head forgets. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { lowRankOut, secondHalves } from '../../kernels/low-rank-out.ts'
import { matmul } from '../../kernels/matmul.ts'
import { wkvHeads } from '../../kernels/wkv-heads.ts'
import { mixIn } from './mix-in.ts'
import type { Scratch } from './scratch.ts'
import { INPUTS, ranksOf } from './tensors.ts'
import type { Weights } from './weights.ts'

/** x += O · (time-mix of LN(x)); attX and S of the layer move on. */
export function timeMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R, watched } = parts
  const { C } = config
  const { entries, rows, rowCount } = step
  const { x, low, shifted, mixed, kvrg, lowDecay, decay } = scratch
  const { mixIn: first, mixes, normMix, normOut, ...weights } = parts.weights.timeMix
  const ranks = ranksOf(config)
  const mixOut = secondHalves(
    weights.mixOut,
    Array.from(INPUTS, () => ranks.mix),
  )
  const decayOut = secondHalves(weights.decayOut, [ranks.decay])
  const product = { preset, kernel, rowCount, count: 'rows', input: mixed, epilogue: 'store' } as const
  const lowRank = { preset, kernel, C, layer, rowCount } as const
  const recurrence = {
    ...{ preset, C, layer, headSize: headSizeOf(config), hasGate: true },
    ...{ entries, kvrg, norm: normOut, time: weights.time, state, out: scratch.wkv, watched },
  }
  const isFused = kernel === 'matvec' && !watched
  return [
    mixIn({ preset, C, layer, R, rows, entries, matrix: first, x, normMix, state, low, shifted }),
    lowRankOut({ ...lowRank, second: mixOut, low, out: mixed, inputs: { shifted, mixes, rows, entries, state, R } }),
    ...matmul({
      ...product,
      matrix: weights.keyValueReceptanceGate,
      segments: [{ rows: C }, { rows: C }, { rows: C }, { rows: C, activation: 'silu' }],
      firstInput: INPUTS.indexOf('k'),
      out: kvrg,
    }),
    ...matmul({
      ...product,
      matrix: weights.decayIn,
      segments: [{ rows: weights.decayIn.rows, activation: 'tanh' }],
      firstInput: INPUTS.indexOf('w'),
      out: lowDecay,
    }),
    ...(isFused
      ? [wkvHeads({ ...recurrence, decay: { low: lowDecay, second: decayOut } })]
      : [
          lowRankOut({ ...lowRank, second: decayOut, low: lowDecay, out: decay }),
          { ...wkvHeads({ ...recurrence, decay: { ofTokens: decay } }), isTracePoint: true },
        ]),
    ...matmul({
      ...{ preset, kernel, rowCount, count: 'rows', matrix: weights.output },
      ...{ input: scratch.wkv, out: x, epilogue: 'residual' },
    }),
  ]
}
