/** @file Whether a token costs more after 20,000 others than after 200, and what 19,800 tokens leave in memory. */

import type { Model } from '../../src/core/protocol.ts'
import { idsOf, stepping } from './ours.ts'
import type { Contestant } from './rounds.ts'

/** Two states of one model, at different places. */
export interface Positions {
  readonly contestants: readonly Contestant[]
  /** Bytes at the late place minus bytes at the early one. */
  readonly growth: { readonly gpu: number; readonly js: number }
  dispose(): Promise<unknown>
}

const EARLY = 200
const LATE = 20_000

/** Bring a state to each place, in chunks. @param heapByteLength of this thread, after a collection */
export async function openPositions(model: Model, heapByteLength: () => Promise<number>): Promise<Positions> {
  const [early, late] = await Promise.all([model.createState(), model.createState()])
  const ids = idsOf(model, LATE)
  await early.feed(ids.slice(0, EARLY))
  await late.feed(ids.slice(0, EARLY))
  const bytes = async () => ({ gpu: (await model.counters()).gpuByteLength, js: await heapByteLength() })
  const before = await bytes()
  await late.feed(ids.slice(EARLY))
  const after = await bytes()
  return {
    contestants: [stepping('early', model, early), stepping('late', model, late)],
    growth: { gpu: after.gpu - before.gpu, js: after.js - before.js },
    dispose: () => Promise.all([early.dispose(), late.dispose()]),
  }
}
