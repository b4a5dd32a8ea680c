/** @file Channel-mix of RWKV-4: each token by itself, with a glance at the one before. */

import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import { matmul } from '../../kernels/matmul.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'
import type { Scratch } from './scratch.ts'
import type { Weights } from './weights.ts'

/** x += sigmoid(r) ⊙ (Wv · relu(k)²); ffnX of the layer moves on. */
export function channelMix(parts: LayerParts<Weights, Scratch>): LayerDispatch[] {
  const { preset, kernel, config, layer, scratch, step, state, R } = parts
  const { C, F } = config
  const { entries, rows, rowCount } = step
  const { x, carry, mixed, hidden } = scratch
  const { normMix, keyReceptance, value } = parts.weights.channelMix
  const shift = { preset, C, R, layer, shift: 'ffnX', entries, state, carry } as const
  const product = { preset, kernel, rowCount, count: 'rows' } as const
  return [
    shiftMix({ ...shift, mixes: 2, rows, x, normMix, mixed }),
    ...matmul({
      ...product,
      matrix: keyReceptance,
      segments: [
        { rows: F, activation: 'squaredRelu' },
        { rows: C, activation: 'sigmoid' },
      ],
      input: mixed,
      out: hidden,
      epilogue: 'store',
    }),
    ...matmul({ ...product, matrix: value, input: hidden, inputStride: F + C, out: x, epilogue: 'gatedResidual' }),
    storeShift(shift),
  ]
}
