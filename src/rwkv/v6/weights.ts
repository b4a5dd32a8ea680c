/** @file The weights of one layer of RWKV-6 in memory, and which tensor of the file goes where. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { Matrix } from '../../kernels/matrix.ts'
import { type ChannelMixWeights, channelMixWeights } from '../shared/channel-mix.ts'
import { INPUTS, ranksOf } from './tensors.ts'

/** Weights of a layer. Vectors are f32. `B` and `M`: what a backend keeps vectors and matrices as. */
export interface Weights<B = Buffer, M = Matrix> {
  readonly timeMix: {
    readonly normMix: B //                 (3, C)         ln1 scale, ln1 bias, 1 - maa of the low-rank product
    readonly mixIn: M //                   (5 · rank, C)  (out, in)
    readonly mixOut: M //                  (5 · rank, C)  of w k v r g
    readonly mixes: B //                   (5, C)         maa of w k v r g
    readonly keyValueReceptanceGate: M //  (4C, C)     four matrices, one above the other
    readonly decayIn: M //                 (rank, C)      (out, in)
    readonly decayOut: M //                (rank, C)
    readonly time: B //                    (2, C)         time_decay, u
    readonly normOut: B //                 (2, C)         ln_x scale, bias
    readonly output: M //                  (C, C)
  }
  readonly channelMix: ChannelMixWeights<B, M>
}

/** Mixes are stored as what the token before has of them; shift-mix takes what this token has. */
const ofThisToken = (stored: number): number => 1 - stored

/** Allocate the weights of `layer`. */
export function weights<B, M>(table: WeightTable<B, M>, config: ModelConfig, layer: number): Weights<B, M> {
  const { vectors, matrix } = table
  const { C, F } = config
  const { mix, decay } = ranksOf(config)
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const rows = INPUTS.length * mix
  return {
    timeMix: {
      normMix: vectors(`${att}.norm-mix`, [
        `${block}.ln1.weight`,
        `${block}.ln1.bias`,
        [`${att}.time_maa_x`, ofThisToken],
      ]),
      mixIn: matrix(`${att}.mix-in`, C, [[`${att}.time_maa_w1`, rows]]),
      mixOut: matrix(`${att}.mix-out`, C, [[`${att}.time_maa_w2`, rows]]),
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
      decayOut: matrix(`${att}.decay-out`, C, [[`${att}.time_decay_w2`, decay]]),
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
