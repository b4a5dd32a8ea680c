/** @file Made-up models of the shapes that people run. */

import { expect } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { createFeeder } from '../../src/feeder/feed.ts'
import { createOracleModel, mostProbable } from '../oracle/oracle-model.ts'
import { createForward } from './forward.ts'
import { withGpu } from './gpu.ts'
import { seededCheckpoint } from './seeded.ts'

const prompt = [0, 50_000, 40_000, 17, 4321]

/** 16 greedy ids of an RWKV-4 of these sizes are those of the oracle. */
export const expectGreedy = (sizes: Omit<ModelConfig, 'version'>): Promise<void> =>
  withGpu(async (gpu) => {
    const checkpoint = seededCheckpoint(sizes, 7)
    const expected = (await createOracleModel(checkpoint)).greedy(prompt, 16)
    const parts = await createForward(gpu, checkpoint)
    const feeder = createFeeder(parts.forward, () => performance.now())
    const slot = await parts.pool.allocate()
    const ids: number[] = []
    let next: readonly number[] = prompt
    while (ids.length < 16) {
      const [logits] = await feeder.feed([{ slot, ids: next }])
      const id = mostProbable(logits)
      ids.push(id)
      next = [id]
    }
    expect(ids).toEqual(expected)
    parts.dispose()
  })
