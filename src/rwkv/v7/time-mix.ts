/** @file Time-mix of RWKV-7: each head's matrix fades, is corrected under one key, learns another, and answers. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { lowRankOut, secondHalves } from '../../kernels/low-rank-out.ts'
import { matmul } from '../../kernels/matmul.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'
import type { Scratch } from './scratch.ts'
import type { Weights } from './weights.ts'
import { wkv } from './wkv.ts'

/** x += O · (time-mix of LN(x)); attX and S of the layer move on. */
export function timeMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R, watched } = parts
  const { C } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, rkv, low, lowOut, first } = scratch
  const { normMix, lowRank, vectors, output } = parts.weights.timeMix
  const { ranks } = lowRank
  const second = secondHalves(lowRank.second, [ranks.v, ranks.w, ranks.a, ranks.g])
  const shift = { preset, C, R, layer, shift: 'attX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  const recurrence = {
    ...{ preset, C, layer, headSize: headSizeOf(config), lowRank },
    ...{ entries, rkv, vectors, state, first, out: scratch.wkv, watched },
  }
  const isFused = kernel === 'matvec' && !watched
  return [
    shiftMix({ ...shift, mixes: 6, rows, x, normMix, mixed }),
    ...matmul({
      ...product,
      matrix: parts.weights.timeMix.rkv,
      segments: [{ rows: C }, { rows: C }, { rows: C }],
      input: mixed,
      out: rkv,
      epilogue: 'store',
    }),
    ...matmul({
      ...product,
      matrix: lowRank.first,
      segments: [
        ...(ranks.v > 0 ? [{ rows: ranks.v }] : []),
        { rows: ranks.w, activation: 'tanh' },
        { rows: ranks.a },
        { rows: ranks.g, activation: 'sigmoid' },
      ],
      input: mixed,
      firstInput: ranks.v > 0 ? 2 : 3, // v is mixed for its matrix too
      out: low,
      epilogue: 'store',
    }),
    ...(isFused
      ? [wkv({ ...recurrence, low: { first: low } })]
      : [
          lowRankOut({ preset, kernel, C, layer, second, rowCount, low, out: lowOut }),
          { ...wkv({ ...recurrence, low: { both: lowOut } }), isTracePoint: true },
        ]),
    ...matmul({ ...product, matrix: output, input: scratch.wkv, out: x, epilogue: 'residual' }),
    storeShift(shift),
  ]
}
