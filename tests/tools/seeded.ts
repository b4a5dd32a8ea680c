/** @file Made-up models of RWKV-4, by their sizes. */

import type { ModelConfig } from '../../src/core/protocol.ts'
import type { Checkpoint } from '../../src/file/checkpoint.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'

/** A made-up RWKV-4. */
export const seededCheckpoint = (sizes: Omit<ModelConfig, 'version'>, seed: number): Checkpoint =>
  createSeededCheckpoint(tensorsOf({ version: 4, ...sizes }), seed)
