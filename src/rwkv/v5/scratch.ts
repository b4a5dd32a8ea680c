/** @file Activations of a step of RWKV-5. N, B: the most rows and entries of a step. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { AllocateF32 } from '../../forward/layer-memory.ts'
import type { StepLimits } from '../../forward/step-buffer.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { ChannelMixScratch } from '../shared/channel-mix.ts'

/** All f32. */
export interface Scratch<B = Buffer> extends ChannelMixScratch<B> {
  readonly mixed: B //     (4, N, C)   token-shifted inputs: k v r g of time-mix, k r of channel-mix
  readonly kvrg: B //      (N, 4, C)   key, value, receptance, gate of time-mix
  readonly wkv: B //       (N, C)      what goes into the output matrix
  readonly hidden: B //    (N, F + C)  relu(key)² of channel-mix, then its sigmoid(receptance)
  readonly carry: B //     (B, C)      shift rows on their way into the state
}

/** Allocate the activations of steps within the limits. */
export function scratch<B>(
  f32: AllocateF32<B>,
  { C, F }: ModelConfig,
  { rows: N, entries: B }: StepLimits,
): Scratch<B> {
  return {
    mixed: f32('mixed', 4 * N * C),
    kvrg: f32('kvrg', N * 4 * C),
    wkv: f32('wkv', N * C),
    hidden: f32('hidden', N * (F + C)),
    carry: f32('carry', B * C),
  }
}
