/** @file Sizes that RWKV-7 has beside those of every version. The page loads this too: it imports no shader. */

import type { LowRanks, ModelConfig } from '../../core/protocol.ts'

/** Channels of a head. */
export function headSizeOf({ headSize }: ModelConfig): number {
  if (headSize === undefined) throw new RangeError('a model of RWKV-7 has a head size')
  return headSize
}

/** Ranks of the low-rank products of a layer: layer 0 has none for v. */
export function ranksOf({ ranks }: ModelConfig, layer: number): LowRanks {
  if (ranks === undefined) throw new RangeError('a model of RWKV-7 has ranks')
  return layer === 0 ? { ...ranks, v: 0 } : ranks
}

/** Columns of all first halves together. */
export const rankSum = ({ v, w, a, g }: LowRanks): number => v + w + a + g
