/** @file Time-mix of RWKV-4: what the past says about each channel, let through by the receptance. */

import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import { kvrWkvV4 } from '../kernels/kvr-wkv-v4.ts'
import { matmul } from '../kernels/matmul.ts'
import { shiftMix } from '../kernels/shift-mix.ts'
import { storeShift } from '../kernels/store-shift.ts'
import { wkvV4 } from '../kernels/wkv-v4.ts'
import type { ForwardV4Parts } from './parts-v4.ts'

/** x += Wo · (sigmoid(r) ⊙ wkv(k, v)); attX, aa, bb, pp of `layer` move on. */
export function timeMixV4(parts: ForwardV4Parts, layer: number): DispatchSpec[] {
  const { preset, kernel, config, scratch, step, state, watched } = parts
  const { C, L } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, kvr, wkv } = scratch
  const { normMix, time, keyValueReceptance, output } = parts.weights.layer(layer).timeMix
  const shift = { preset, C, L, layer, shift: 'attX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  const recurrence = { preset, C, L, layer, entries, time, state, out: wkv } as const
  const isFused = kernel === 'matvec' && keyValueReceptance.pieces.length === 1 && !watched
  return [
    shiftMix({ ...shift, mixes: 3, rows, x, normMix, mixed }),
    ...(isFused
      ? [kvrWkvV4({ ...recurrence, matrix: keyValueReceptance, mixed })]
      : [
          ...matmul({
            ...product,
            matrix: keyValueReceptance,
            segments: 3,
            segmentRows: C,
            input: mixed,
            out: kvr,
            epilogue: 'plain',
          }),
          wkvV4({ ...recurrence, kvr, watched }),
        ]),
    ...matmul({ ...product, matrix: output, input: wkv, out: x, epilogue: 'residual' }),
    storeShift(shift),
  ]
}
