/** @file The weights of one layer of RWKV-4 in memory, and which tensor of the file goes where. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { Matrix } from '../../kernels/matrix.ts'
import { type ChannelMixWeights, channelMixWeights } from '../shared/channel-mix.ts'

/** Weights of a layer. Vectors are f32. `B` and `M`: what a backend keeps vectors and matrices as. */
export interface Weights<B = Buffer, M = Matrix> {
  readonly timeMix: {
    readonly normMix: B //             (5, C)    ln1 scale, ln1 bias, mix_k, mix_v, mix_r
    readonly keyValueReceptance: M //  (3C, C)   three matrices, one above the other
    readonly time: B //                (2, C)    u = time_first, w = -exp(time_decay)
    readonly output: M //              (C, C)
  }
  readonly channelMix: ChannelMixWeights<B, M>
}

/** From the stored number to w, the log of what is left of a sum after a token. */
export const decayOf = (raw: number): number => -Math.exp(raw)

/** Allocate the weights of `layer`. */
export function weights<B, M>(table: WeightTable<B, M>, { C, F }: ModelConfig, layer: number): Weights<B, M> {
  const { vectors, matrix } = table
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const ffn = `${block}.ffn`
  return {
    timeMix: {
      normMix: vectors(`${att}.norm-mix`, [
        `${block}.ln1.weight`,
        `${block}.ln1.bias`,
        `${att}.time_mix_k`,
        `${att}.time_mix_v`,
        `${att}.time_mix_r`,
      ]),
      keyValueReceptance: matrix(`${att}.key-value-receptance`, C, [
        [`${att}.key.weight`, C],
        [`${att}.value.weight`, C],
        [`${att}.receptance.weight`, C],
      ]),
      time: vectors(`${att}.time`, [`${att}.time_first`, [`${att}.time_decay`, decayOf]]),
      output: matrix(`${att}.output`, C, [[`${att}.output.weight`, C]]),
    },
    channelMix: channelMixWeights(table, { C, F, layer, mixes: [`${ffn}.time_mix_k`, `${ffn}.time_mix_r`] }),
  }
}
