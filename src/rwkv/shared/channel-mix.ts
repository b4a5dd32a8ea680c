/**
 * @file Channel-mix with a receptance, until RWKV-6: each token by itself, with a glance at the one before.
 */

import type { LayerDispatch, LayerParts } from '../../forward/architecture.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import { matmul } from '../../kernels/matmul.ts'
import type { Matrix } from '../../kernels/matrix.ts'
import { shiftMix } from '../../kernels/shift-mix.ts'
import { storeShift } from '../../kernels/store-shift.ts'

/** Weights of a layer’s channel-mix. Vectors are f32. */
export interface ChannelMixWeights<B = Buffer, M = Matrix> {
  readonly normMix: B //         (4, C)      ln2 scale, ln2 bias, mixes of k and r: what this token has of them
  readonly keyReceptance: M //   (F + C, C)
  readonly value: M //           (C, F)
}

/** Activations that it needs, all f32. */
export interface ChannelMixScratch<B = Buffer> {
  readonly mixed: B //   (2, N, C)   token-shifted inputs k r, or room for more
  readonly hidden: B //  (N, F + C)  relu(key)², then sigmoid(receptance)
  readonly carry: B //   (B, C)      shift rows on their way into the state
}

/** Where the mixes of a version are in the file, and what is to be done with them. */
type Mix = Parameters<WeightTable['vectors']>[1][number]

/** Allocate the weights of `layer`. */
export function channelMixWeights<B, M>(
  { vectors, matrix }: WeightTable<B, M>,
  { C, F, layer, mixes }: { C: number; F: number; layer: number; mixes: readonly [key: Mix, receptance: Mix] },
): ChannelMixWeights<B, M> {
  const block = `blocks.${layer}`
  const ffn = `${block}.ffn`
  return {
    normMix: vectors(`${ffn}.norm-mix`, [`${block}.ln2.weight`, `${block}.ln2.bias`, ...mixes]),
    keyReceptance: matrix(`${ffn}.key-receptance`, C, [
      [`${ffn}.key.weight`, F],
      [`${ffn}.receptance.weight`, C],
    ]),
    value: matrix(`${ffn}.value`, F, [[`${ffn}.value.weight`, C]]),
  }
}

/** x += sigmoid(r) ⊙ (Wv · relu(k)²); ffnX of the layer moves on. */
export function channelMix(
  parts: LayerParts<{ readonly channelMix: ChannelMixWeights }, ChannelMixScratch>,
): LayerDispatch[] {
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
