/** @file The tensors of RWKV-6, in the order in which a token meets them. The page loads this too: it imports no shader. */

import type { MixRanks, ModelConfig } from '../../core/protocol.ts'
import { headSizeOf, matrix, modelTensors, norm, type TensorSpec, vector } from '../../core/tensor-spec.ts'

/** Inputs of time-mix, in the order in which the low-rank matrices have them. */
export const INPUTS = 'wkvrg'

/** Every tensor of a model of these sizes, by its official name. */
export const tensors = (config: ModelConfig): Iterable<TensorSpec> => modelTensors(config, layerTensors)

function* layerTensors(config: ModelConfig, layer: number): Generator<TensorSpec> {
  const block = `blocks.${layer}`
  const { C, F } = config
  const { mix: rank, decay } = ranksOf(config)
  const N = headSizeOf(config)
  const att = `${block}.att`
  const mix = (name: string) => vector(`${block}.${name}`, C, [0.5, 0.5])
  yield* norm(`${block}.ln1`, C)
  yield mix('att.time_maa_x')
  yield { ...matrix(`${att}.time_maa_w1`, C, INPUTS.length * rank), isTransposed: true, isExact: true }
  yield { ...matrix(`${att}.time_maa_w2`, rank, C), shape: [INPUTS.length, rank, C], isExact: true }
  for (const input of INPUTS) yield mix(`att.time_maa_${input}`)
  yield matrix(`${att}.key.weight`, C, C)
  yield matrix(`${att}.value.weight`, C, C)
  yield matrix(`${att}.receptance.weight`, C, C)
  yield matrix(`${att}.gate.weight`, C, C)
  yield { ...matrix(`${att}.time_decay_w1`, C, decay), isTransposed: true, isExact: true }
  yield { ...matrix(`${att}.time_decay_w2`, decay, C), isExact: true, isSummed: true }
  yield vector(`${att}.time_decay`, C, [-2, 3])
  yield { ...vector(`${att}.time_faaaa`, C), shape: [C / N, N] }
  yield* norm(`${att}.ln_x`, C)
  yield matrix(`${att}.output.weight`, C, C)
  yield* norm(`${block}.ln2`, C)
  yield mix('ffn.time_maa_k')
  yield mix('ffn.time_maa_r')
  yield matrix(`${block}.ffn.key.weight`, F, C)
  yield matrix(`${block}.ffn.receptance.weight`, C, C)
  yield matrix(`${block}.ffn.value.weight`, C, F)
}

/** Ranks of the low-rank products of a layer. */
export function ranksOf({ ranks }: ModelConfig): MixRanks {
  if (!ranks || !('mix' in ranks)) throw new RangeError('a model of RWKV-6 has ranks')
  return ranks
}
