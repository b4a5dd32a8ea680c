/** @file The tensors of RWKV-4, in the order in which a token meets them. The page loads this too: it imports no shader. */

import type { ModelConfig } from '../../core/protocol.ts'
import { matrix, modelTensors, norm, type TensorSpec, vector } from '../../core/tensor-spec.ts'

/** Every tensor of a model of these sizes, by its official name. */
export const tensors = (config: ModelConfig): Iterable<TensorSpec> => modelTensors(config, layerTensors)

function* layerTensors({ C, F }: ModelConfig, layer: number): Generator<TensorSpec> {
  const block = `blocks.${layer}`
  const mix = (name: string) => vector(`${block}.${name}`, C, [0.5, 0.5])
  yield* norm(`${block}.ln1`, C)
  yield mix('att.time_mix_k')
  yield mix('att.time_mix_v')
  yield mix('att.time_mix_r')
  yield matrix(`${block}.att.key.weight`, C, C)
  yield matrix(`${block}.att.value.weight`, C, C)
  yield matrix(`${block}.att.receptance.weight`, C, C)
  yield vector(`${block}.att.time_first`, C)
  yield vector(`${block}.att.time_decay`, C, [-2, 3])
  yield matrix(`${block}.att.output.weight`, C, C)
  yield* norm(`${block}.ln2`, C)
  yield mix('ffn.time_mix_k')
  yield mix('ffn.time_mix_r')
  yield matrix(`${block}.ffn.key.weight`, F, C)
  yield matrix(`${block}.ffn.receptance.weight`, C, C)
  yield matrix(`${block}.ffn.value.weight`, C, F)
}
