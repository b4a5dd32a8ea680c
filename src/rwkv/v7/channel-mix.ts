/** @file Channel-mix of RWKV-7: each token by itself, with a glance at the one before; no receptance. */

import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { matmul } from '../../kernels/matmul.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'
import type { Scratch } from './scratch.ts'
import type { Weights } from './weights.ts'

/** x += Wv · relu(Wk · k)²; ffnX of the layer moves on. */
export function channelMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R } = parts
  const { C, F } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, hidden } = scratch
  const { normMix, key, value } = parts.weights.channelMix
  const shift = { preset, C, R, layer, shift: 'ffnX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  return [
    shiftMix({ ...shift, mixes: 1, rows, x, normMix, mixed }),
    ...matmul({
      ...product,
      matrix: key,
      segments: [{ rows: F, activation: 'squaredRelu' }],
      input: mixed,
      out: hidden,
      epilogue: 'store',
    }),
    ...matmul({ ...product, matrix: value, input: hidden, out: x, epilogue: 'residual' }),
    storeShift(shift),
  ]
}
