/** @file What the dispatches of an RWKV-4 forward pass are bound to. */

import type { ModelConfig } from '../core/protocol.ts'
import type { Buffer } from '../gpu/buffer.ts'
import type { RowKernel } from '../kernels/matmul.ts'
import type { Preset } from '../kernels/preset.ts'
import type { DrawBuffers } from './draw-buffers.ts'
import type { ScratchV4 } from './scratch-v4.ts'
import type { StepBuffer } from './step-buffer.ts'
import type { WeightsV4 } from './weights-v4.ts'

/** Read-only weights, mutable state and scratch, and how the work is shared out. */
export interface ForwardV4Parts {
  readonly config: ModelConfig
  readonly weights: WeightsV4
  readonly preset: Preset
  readonly scratch: ScratchV4
  readonly step: StepBuffer
  readonly draws: DrawBuffers
  /** f32 (slot, L, 5, C). */
  readonly state: Buffer
  /** For steps of one token row, or of several. */
  readonly kernel: RowKernel
  /** f32 (N, C): where a step that is traced leaves the WKV of the layer it is in. */
  readonly watched?: Buffer | undefined
}
