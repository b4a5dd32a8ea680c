/** @file Time-mix of RWKV-4: what the past says about each channel, let through by the receptance. */

import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { matmul } from '../../kernels/matmul.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'
import { kvrWkv } from './kvr-wkv.ts'
import type { Scratch } from './scratch.ts'
import type { Weights } from './weights.ts'
import { wkv } from './wkv.ts'

/** x += Wo · (sigmoid(r) ⊙ wkv(k, v)); attX, aa, bb, pp of the layer move on. */
export function timeMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R, watched } = parts
  const { C } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, kvr } = scratch
  const { normMix, time, keyValueReceptance, output } = parts.weights.timeMix
  const shift = { preset, C, R, layer, shift: 'attX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  const recurrence = { preset, C, layer, entries, time, state, out: scratch.wkv } as const
  const isFused = kernel === 'matvec' && keyValueReceptance.pieces.length === 1 && !watched
  return [
    shiftMix({ ...shift, mixes: 3, rows, x, normMix, mixed }),
    ...(isFused
      ? [kvrWkv({ ...recurrence, matrix: keyValueReceptance, mixed })]
      : [
          ...matmul({
            ...product,
            matrix: keyValueReceptance,
            segments: [{ rows: C }, { rows: C }, { rows: C }],
            input: mixed,
            out: kvr,
            epilogue: 'store',
          }),
          { ...wkv({ ...recurrence, kvr, watched }), isTracePoint: true },
        ]),
    ...matmul({ ...product, matrix: output, input: scratch.wkv, out: x, epilogue: 'residual' }),
    storeShift(shift),
  ]
}
