/** @file Time-mix of RWKV-5: each head's matrix fades, learns a value under a key, and answers. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { matmul } from '../../kernels/matmul.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'
import { wkvHeads } from '../../kernels/wkv-heads.ts'
import type { Scratch } from './scratch.ts'
import { inputsOf } from './tensors.ts'
import type { Weights } from './weights.ts'

/** x += O · (time-mix of LN(x)); attX and S of the layer move on. */
export function timeMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R, watched } = parts
  const { C, minor } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, kvrg } = scratch
  const { normMix, products, time, decay, normOut, output } = parts.weights.timeMix
  const shift = { preset, C, R, layer, shift: 'attX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  const recurrence = wkvHeads({
    ...{ preset, C, layer, headSize: headSizeOf(config), hasGate: minor !== 0, entries, kvrg },
    ...{ norm: normOut, time, decay: { ofAll: decay }, state, out: scratch.wkv, watched },
  })
  return [
    shiftMix({ ...shift, mixes: inputsOf(config).length, rows, x, normMix, mixed }),
    ...matmul({
      ...product,
      matrix: products,
      segments: [
        { rows: C },
        { rows: C },
        { rows: C },
        ...(minor === 0 ? [] : [{ rows: C, activation: 'silu' } as const]),
      ],
      input: mixed,
      out: kvrg,
      outputStride: 4 * C,
      epilogue: 'store',
    }),
    { ...recurrence, isTracePoint: true },
    ...matmul({ ...product, matrix: output, input: scratch.wkv, out: x, epilogue: 'residual' }),
    storeShift(shift),
  ]
}
