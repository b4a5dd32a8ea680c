/** @file The weights of one layer of RWKV-6 on the GPU, and which tensor of the file goes where. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { SecondHalves } from '../../kernels/low-rank-out.ts'
import { type Matrix, onlyPiece } from '../../kernels/matrix.ts'
import { type ChannelMixWeights, channelMixWeights } from '../shared/channel-mix.ts'
import { INPUTS, ranksOf } from './tensors.ts'

/** Weights of a layer. Vectors are f32. */
export interface Weights {
  readonly timeMix: {
    readonly normMix: Buffer //             (3, C)         ln1 scale, ln1 bias, 1 - maa of the low-rank product
    readonly mixIn: Matrix //               (5 · rank, C)  (out, in)
    readonly mixOut: SecondHalves //        (5 · rank, C)  of w k v r g
    readonly mixes: Buffer //               (5, C)         maa of w k v r g
    readonly keyValueReceptanceGate: Matrix // (4C, C)     four matrices, one above the other
    readonly decayIn: Matrix //             (rank, C)      (out, in)
    readonly decayOut: SecondHalves //      (rank, C)
    readonly time: Buffer //                (2, C)         time_decay, u
    readonly normOut: Buffer //             (2, C)         ln_x scale, bias
    readonly output: Matrix //              (C, C)
  }
  readonly channelMix: ChannelMixWeights
}

/** Mixes are stored as what the token before has of them; shift-mix takes what this token has. */
const ofThisToken = (stored: number): number => 1 - stored

/** Allocate the weights of `layer`. */
export function weights(table: WeightTable, config: ModelConfig, layer: number): Weights {
  const { vectors, matrix } = table
  const { C, F } = config
  const { mix, decay } = ranksOf(config)
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const rows = INPUTS.length * mix
  const secondOf = (name: string, ranks: readonly number[]): SecondHalves => {
    const all = ranks.reduce((sum, rank) => sum + rank, 0)
    const second = matrix(`${att}.${name}`, C, [[`${att}.${name}`, all]])
    return { ...onlyPiece(second), ranks }
  }
  return {
    timeMix: {
      normMix: vectors(`${att}.norm-mix`, [
        `${block}.ln1.weight`,
        `${block}.ln1.bias`,
        [`${att}.time_maa_x`, ofThisToken],
      ]),
      mixIn: matrix(`${att}.mix-in`, C, [[`${att}.time_maa_w1`, rows]]),
      mixOut: secondOf(
        'time_maa_w2',
        Array.from(INPUTS, () => mix),
      ),
      mixes: vectors(
        `${att}.mixes`,
        Array.from(INPUTS, (input) => `${att}.time_maa_${input}`),
      ),
      keyValueReceptanceGate: matrix(
        `${att}.key-value-receptance-gate`,
        C,
        ['key', 'value', 'receptance', 'gate'].map((name) => [`${att}.${name}.weight`, C] as const),
      ),
      decayIn: matrix(`${att}.decay-in`, C, [[`${att}.time_decay_w1`, decay]]),
      decayOut: secondOf('time_decay_w2', [decay]),
      time: vectors(`${att}.time`, [`${att}.time_decay`, `${att}.time_faaaa`]),
      normOut: vectors(`${att}.norm-out`, [`${att}.ln_x.weight`, `${att}.ln_x.bias`]),
      output: matrix(`${att}.output`, C, [[`${att}.output.weight`, C]]),
    },
    channelMix: channelMixWeights(table, {
      ...{ C, F, layer },
      mixes: [
        [`${block}.ffn.time_maa_k`, ofThisToken],
        [`${block}.ffn.time_maa_r`, ofThisToken],
      ],
    }),
  }
}
