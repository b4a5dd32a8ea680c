/** @file The tensors of RWKV-7, in the order in which a token meets them. The page loads this too: it imports no shader. */

import type { LowRanks, ModelConfig } from '../../core/protocol.ts'
import { headSizeOf, matrix, modelTensors, norm, type TensorSpec, vector } from '../../core/tensor-spec.ts'

/** Every tensor of a model of these sizes, by its official name. */
export const tensors = (config: ModelConfig): Iterable<TensorSpec> => modelTensors(config, layerTensors)

function* layerTensors(config: ModelConfig, layer: number): Generator<TensorSpec> {
  const { C, F } = config
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const mix = (name: string) => vector(name, C, [0.5, 0.5])
  yield* norm(`${block}.ln1`, C)
  for (const name of 'rwkvag') yield mix(`${att}.x_${name}`)
  yield matrix(`${att}.receptance.weight`, C, C)
  yield matrix(`${att}.key.weight`, C, C)
  yield matrix(`${att}.value.weight`, C, C)
  for (const [name, rank] of Object.entries(ranksOf(config, layer))) {
    if (rank === 0) continue // files may have a v in layer 0 too: nothing reads it
    if (name !== 'g') yield vector(`${att}.${name}0`, C)
    yield { ...matrix(`${att}.${name}1`, C, rank), isTransposed: true, isExact: true }
    yield { ...matrix(`${att}.${name}2`, rank, C), isExact: true, ...(name === 'w' && { isSummed: true }) }
  }
  yield vector(`${att}.k_k`, C, [0.8, 0.2])
  yield vector(`${att}.k_a`, C, [1, 0.2])
  yield { ...vector(`${att}.r_k`, C), shape: [C / headSizeOf(config), headSizeOf(config)] }
  yield* norm(`${att}.ln_x`, C)
  yield matrix(`${att}.output.weight`, C, C)
  yield* norm(`${block}.ln2`, C)
  yield mix(`${block}.ffn.x_k`)
  yield matrix(`${block}.ffn.key.weight`, F, C)
  yield matrix(`${block}.ffn.value.weight`, C, F)
}

/** Ranks of the low-rank products of a layer: layer 0 has none for v. */
export function ranksOf({ ranks }: ModelConfig, layer: number): LowRanks {
  if (!ranks || !('w' in ranks)) throw new RangeError('a model of RWKV-7 has ranks')
  return layer === 0 ? { ...ranks, v: 0 } : ranks
}

/** Columns of all first halves together. */
export const rankSum = ({ v, w, a, g }: LowRanks): number => v + w + a + g
