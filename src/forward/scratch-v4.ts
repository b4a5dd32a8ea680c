/** @file Activations of a step, allocated once at load. N, B, O: the most rows, entries and outputs of a step. */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig } from '../core/protocol.ts'
import { type Buffer, createBuffer, createReadback, type Readback } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import type { StepLimits } from './step-buffer.ts'

/** All f32. The creator disposes it. */
export interface ScratchV4 extends Owned {
  readonly x: Buffer //        (N, C)         the residual stream
  readonly mixed: Buffer //    (3, N, C)      token-shifted inputs: k v r of time-mix, k r of channel-mix
  readonly kvr: Buffer //      (N, 3, C)      key, value, receptance of time-mix
  readonly wkv: Buffer //      (N, C)         sigmoid(r) ⊙ wkv
  readonly hidden: Buffer //   (N, F + C)     relu(key)² of channel-mix, then its sigmoid(receptance)
  readonly carry: Buffer //    (B, C)         shift rows on their way into the state
  readonly normed: Buffer //   (O, C)         LNout of the rows whose logits are wanted
  readonly logits: Buffer //   (O, V rounded up to 4)
  readonly readback: Readback // as logits
}

/** f32s from one row of logits to the next. */
export function logitsStride({ V }: ModelConfig): number {
  return Math.ceil(V / 4) * 4
}

/** Allocate the activations of steps within `limits`. */
export function createScratchV4(gpu: Gpu, config: ModelConfig, limits: StepLimits): ScratchV4 {
  const { C, F } = config
  const { rows: N, entries: B, outputs: O } = limits
  const owner = createOwner()
  const f32 = (label: string, length: number) =>
    owner.own(createBuffer(gpu, { label, byteLength: length * 4, use: 'storage' }))
  const logitsLength = O * logitsStride(config)
  return {
    x: f32('x', N * C),
    mixed: f32('mixed', 3 * N * C),
    kvr: f32('kvr', N * 3 * C),
    wkv: f32('wkv', N * C),
    hidden: f32('hidden', N * (F + C)),
    carry: f32('carry', B * C),
    normed: f32('normed', O * C),
    logits: f32('logits', logitsLength),
    readback: owner.own(createReadback(gpu, { label: 'logits readback', byteLength: logitsLength * 4 })),
    dispose: () => owner.dispose(),
  }
}
