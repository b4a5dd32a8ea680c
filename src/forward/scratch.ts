/** @file Activations of a step, allocated once at load. N, B, O: the most rows, entries and outputs of a step. */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig } from '../core/protocol.ts'
import { createBuffer, createReadback, type Readback } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import type { Architecture } from './architecture.ts'
import type { AllocateF32, CommonScratch } from './layer-memory.ts'
import type { StepLimits } from './step-buffer.ts'

/** All f32; beside them, those of the version. The creator disposes it. */
export interface Scratch extends CommonScratch, Owned {
  readonly readback: Readback // as logits
}

/** f32s from one row of logits to the next. */
export function logitsStride({ V }: ModelConfig): number {
  return Math.ceil(V / 4) * 4
}

/** What `createScratch` takes. */
export interface CreateScratch {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly limits: StepLimits
}

/** Allocate the activations of steps within `limits`. */
export function createScratch(gpu: Gpu, { architecture, config, limits }: CreateScratch): Scratch {
  const { rows: N, outputs: O } = limits
  const owner = createOwner()
  const f32: AllocateF32 = (label, length) =>
    owner.own(createBuffer(gpu, { label, byteLength: length * 4, use: 'storage' }))
  const logitsLength = O * logitsStride(config)
  return {
    ...(architecture.scratch(f32, config, limits) as object),
    x: f32('x', N * config.C),
    normed: f32('normed', O * config.C),
    logits: f32('logits', logitsLength),
    readback: owner.own(createReadback(gpu, { label: 'logits readback', byteLength: logitsLength * 4 })),
    dispose: () => owner.dispose(),
  }
}
