/**
 * @file Where a kernel finds the state of a layer: the states of a model may lie in several buffers, each with some of its
 * layers.
 */

import type { Buffer } from '../gpu/buffer.ts'

/** The state of one layer, of every slot. */
export interface LayerState {
  /** f32 (slot, layers, R, C). */
  readonly buffer: Buffer
  /** How many layers have their states in this buffer. */
  readonly layers: number
  /** Which of them this one is. */
  readonly layer: number
}
