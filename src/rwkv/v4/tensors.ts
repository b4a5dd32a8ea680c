/** @file The tensors of RWKV-4, in the order in which a token meets them. The page loads this too: it imports no shader. */

import type { ModelConfig } from '../../core/protocol.ts'
import { matrix, norm, type TensorSpec, vector } from '../../core/tensor-spec.ts'

/** Every tensor of a model of these sizes, by its official name. */
export function* tensors({ L, C, F, V }: ModelConfig): Generator<TensorSpec> {
  yield matrix('emb.weight', V, C)
  yield* norm('blocks.0.ln0', C)
  for (let layer = 0; layer < L; layer++) yield* layerTensors(`blocks.${layer}`, C, F)
  yield* norm('ln_out', C)
  yield matrix('head.weight', V, C)
}

function* layerTensors(block: string, C: number, F: number): Generator<TensorSpec> {
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
