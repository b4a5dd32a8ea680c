/** @file Activations of a step of RWKV-5. N, B: the most rows and entries of a step. */

import type { ModelConfig } from '../../core/protocol.ts'
import type { AllocateF32 } from '../../forward/layer-memory.ts'
import type { StepLimits } from '../../forward/step-buffer.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { ChannelMixScratch } from '../shared/channel-mix.ts'

/** All f32. */
export interface Scratch extends ChannelMixScratch {
  readonly mixed: Buffer //   (4, N, C)   token-shifted inputs: k v r g of time-mix, k r of channel-mix
  readonly kvrg: Buffer //    (N, 4, C)   key, value, receptance, gate of time-mix
  readonly wkv: Buffer //     (N, C)      what goes into the output matrix
  readonly hidden: Buffer //  (N, F + C)  relu(key)² of channel-mix, then its sigmoid(receptance)
  readonly carry: Buffer //   (B, C)      shift rows on their way into the state
}

/** Allocate the activations of steps within the limits. */
export function scratch(f32: AllocateF32, { C, F }: ModelConfig, { rows: N, entries: B }: StepLimits): Scratch {
  return {
    mixed: f32('mixed', 4 * N * C),
    kvrg: f32('kvrg', N * 4 * C),
    wkv: f32('wkv', N * C),
    hidden: f32('hidden', N * (F + C)),
    carry: f32('carry', B * C),
  }
}
