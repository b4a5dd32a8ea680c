/** @file The weights of one layer of RWKV-5 in memory, and which tensor of the file goes where. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { Matrix } from '../../kernels/matrix.ts'
import { type ChannelMixWeights, channelMixWeights } from '../shared/channel-mix.ts'
import { inputsOf } from './tensors.ts'

/** Weights of a layer. Vectors are f32. `B` and `M`: what a backend keeps vectors and matrices as. */
export interface Weights<B = Buffer, M = Matrix> {
  readonly timeMix: {
    readonly normMix: B //      (6, C)    ln1 scale, ln1 bias, mixes of k v r g; no g in 5.0
    readonly products: M //     (4C, C)   key, value, receptance, gate, one above the other; no gate in 5.0
    readonly time: B //         (2, C)    0, u
    readonly decay: B //        (1, C)    time_decay
    readonly normOut: B //      (2, C)    ln_x scale, bias
    readonly output: M //       (C, C)
  }
  readonly channelMix: ChannelMixWeights<B, M>
}

/** Allocate the weights of `layer`. */
export function weights<B, M>(table: WeightTable<B, M>, config: ModelConfig, layer: number): Weights<B, M> {
  const { vectors, matrix } = table
  const { C, F } = config
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const ffn = `${block}.ffn`
  const inputs = inputsOf(config)
  return {
    timeMix: {
      normMix: vectors(`${att}.norm-mix`, [
        `${block}.ln1.weight`,
        `${block}.ln1.bias`,
        ...inputs.map(({ mixed }) => `${att}.${mixed}`),
      ]),
      products: matrix(
        `${att}.key-value-receptance-gate`,
        C,
        inputs.map(({ matrix: name }) => [`${att}.${name}`, C] as const),
      ),
      time: vectors(`${att}.time`, [undefined, `${att}.time_faaaa`]),
      decay: vectors(`${att}.decay`, [`${att}.time_decay`]),
      normOut: vectors(`${att}.norm-out`, [`${att}.ln_x.weight`, `${att}.ln_x.bias`]),
      output: matrix(`${att}.output`, C, [[`${att}.output.weight`, C]]),
    },
    channelMix: channelMixWeights(table, { C, F, layer, mixes: [`${ffn}.time_mix_k`, `${ffn}.time_mix_r`] }),
  }
}
