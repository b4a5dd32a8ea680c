/** @file Activations of a step of RWKV-6. N, B: the most rows and entries of a step. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { AllocateF32 } from '../../forward/layer-memory.ts'
import type { StepLimits } from '../../forward/step-buffer.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { ChannelMixScratch } from '../shared/channel-mix.ts'
import { INPUTS, ranksOf } from './tensors.ts'

/** All f32. */
export interface Scratch<B = Buffer> extends ChannelMixScratch<B> {
  readonly low: B //       (N, 5 · rank)   first half of what mixes the inputs
  readonly shifted: B //   (N, 2, C)       LN of a row, and of the token before
  readonly mixed: B //     (5, N, C)       inputs: w k v r g of time-mix, k r of channel-mix
  readonly kvrg: B //      (N, 4, C)       key, value, receptance, gate of time-mix
  readonly lowDecay: B //  (N, rank)       first half of what is added to the decay
  readonly decay: B //     (N, C)          the second, where it is not computed on the way
  readonly wkv: B //       (N, C)          what goes into the output matrix
  readonly hidden: B //    (N, F + C)      relu(key)² of channel-mix, then its sigmoid(receptance)
  readonly carry: B //     (B, C)          shift rows on their way into the state
}

/** Allocate the activations of steps within the limits. */
export function scratch<B>(f32: AllocateF32<B>, config: ModelConfig, { rows: N, entries: B }: StepLimits): Scratch<B> {
  const { C, F } = config
  const { mix, decay } = ranksOf(config)
  return {
    low: f32('low', N * INPUTS.length * mix),
    shifted: f32('shifted', N * 2 * C),
    mixed: f32('mixed', INPUTS.length * N * C),
    kvrg: f32('kvrg', N * 4 * C),
    lowDecay: f32('low-decay', N * decay),
    decay: f32('decay', N * C),
    wkv: f32('wkv', N * C),
    hidden: f32('hidden', N * (F + C)),
    carry: f32('carry', B * C),
  }
}
