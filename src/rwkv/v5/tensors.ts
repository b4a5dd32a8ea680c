/** @file The tensors of RWKV-5, in the order in which a token meets them. The page loads this too: it imports no shader. */

import type { ModelConfig } from '../../core/protocol.ts'
import { headSizeOf, matrix, modelTensors, norm, type TensorSpec, vector } from '../../core/tensor-spec.ts'

/** Every tensor of a model of these sizes, by its official name. */
export const tensors = (config: ModelConfig): Iterable<TensorSpec> => modelTensors(config, layerTensors)

function* layerTensors(config: ModelConfig, layer: number): Generator<TensorSpec> {
  const block = `blocks.${layer}`
  const { C, F, minor } = config
  const N = headSizeOf(config)
  const att = `${block}.att`
  const ofHeads = { shape: minor === 2 ? [C / N, N] : [C / N] }
  const mix = (name: string) => vector(`${block}.${name}`, C, [0.5, 0.5])
  yield* norm(`${block}.ln1`, C)
  for (const { mixed } of inputsOf(config)) yield mix(`att.${mixed}`)
  for (const { matrix: name } of inputsOf(config)) yield matrix(`${att}.${name}`, C, C)
  yield { ...vector(`${att}.time_decay`, C, [-2, 3]), ...ofHeads }
  yield { ...vector(`${att}.time_faaaa`, C), ...ofHeads }
  yield* norm(`${att}.ln_x`, C)
  yield matrix(`${att}.output.weight`, C, C)
  yield* norm(`${block}.ln2`, C)
  yield mix('ffn.time_mix_k')
  yield mix('ffn.time_mix_r')
  yield matrix(`${block}.ffn.key.weight`, F, C)
  yield matrix(`${block}.ffn.receptance.weight`, C, C)
  yield matrix(`${block}.ffn.value.weight`, C, F)
}

/** Inputs of time-mix, in the order in which they lie on the GPU: what mixes them, and the matrix that they go into. */
export function inputsOf({ minor }: ModelConfig): readonly { readonly mixed: string; readonly matrix: string }[] {
  return ['key', 'value', 'receptance', ...(minor === 0 ? [] : ['gate'])].map((name) => ({
    mixed: `time_mix_${name[0]}`,
    matrix: `${name}.weight`,
  }))
}
