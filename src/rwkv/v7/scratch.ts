/** @file Activations of a step of RWKV-7. N, B: the most rows and entries of a step. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { AllocateF32 } from '../../forward/layer-memory.ts'
import type { StepLimits } from '../../forward/step-buffer.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import { rankSum, ranksOf } from './tensors.ts'

/** All f32. */
export interface Scratch<B = Buffer> {
  readonly mixed: B //   (6, N, C)      token-shifted inputs: r k v w a g of time-mix, k of channel-mix
  readonly rkv: B //     (N, 3, C)      receptance, key, value of time-mix
  readonly low: B //     (N, ranks)     first halves of the low-rank products: v w a g
  readonly lowOut: B //  (N, 4, C)      second halves, where they are not computed on the way
  readonly first: B //   (N, C)         v of layer 0, which the layers above mix into theirs
  readonly wkv: B //     (N, C)         what goes into the output matrix
  readonly hidden: B //  (N, F)         relu(key)² of channel-mix
  readonly carry: B //   (B, C)         shift rows on their way into the state
}

/** Allocate the activations of steps within the limits. */
export function scratch<B>(f32: AllocateF32<B>, config: ModelConfig, { rows: N, entries: B }: StepLimits): Scratch<B> {
  const { C, F } = config
  return {
    mixed: f32('mixed', 6 * N * C),
    rkv: f32('rkv', N * 3 * C),
    low: f32('low', N * rankSum(ranksOf(config, 1))),
    lowOut: f32('low-rank-out', N * 4 * C),
    first: f32('first', N * C),
    wkv: f32('wkv', N * C),
    hidden: f32('hidden', N * F),
    carry: f32('carry', B * C),
  }
}
