/**
 * @file Feeding ids in chunks. A prompt goes through in steps of several tokens; how many follows from how long the last
 * steps took, so that one submit stays short on any GPU.
 */

import type { Forward } from '../forward/forward-v4.ts'

/** One state and what to feed it. */
export interface Feed {
  readonly slot: number
  readonly ids: readonly number[]
}

/** Options of `Feeder.feed`. */
export interface FeedChunks {
  /** Tokens of each entry in a step; default: as many as fit the time of a step. */
  readonly chunk?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told after each step how many ids of the first entry are in its state. */
  readonly onStep?: (fed: number) => void
}

/** Feeds states of one model. */
export interface Feeder {
  /**
   * Advance every state of `batch` by its ids, which may differ in number; slots must be distinct, ids not empty.
   * @returns f32 (V) for each entry: the logits after its last id
   * @throws the signal's reason, between two steps: what was fed before stays fed
   */
  feed(batch: readonly Feed[], options?: FeedChunks): Promise<Float32Array<ArrayBuffer>[]>
  /** As `feed` of one state, with the logits after each of its ids. */
  feedAll(feed: Feed, options?: FeedChunks): Promise<Float32Array<ArrayBuffer>[]>
}

const STEP_TARGET_MS = 150 // of a submit, so that the usual scatter stays under 250 ms
const FIRST_ROWS = 8 // of a step before any was timed

/** A feeder over `forward`; it remembers how fast its steps were. */
export function createFeeder(forward: Forward, now: () => number): Feeder {
  const { limits } = forward
  let rowsInTime = FIRST_ROWS

  async function step(batch: Parameters<Forward['step']>[0]): Promise<Float32Array<ArrayBuffer>[]> {
    const rows = batch.reduce((sum, { ids }) => sum + ids.length, 0)
    const start = now()
    const logits = await forward.step(batch)
    if (rows >= rowsInTime) {
      const fitting = Math.floor((rows * STEP_TARGET_MS) / Math.max(now() - start, 0.1))
      rowsInTime = Math.max(1, Math.min(fitting, rows * 2, limits.rows)) // at most doubled: one lucky timing is no proof
    }
    return logits
  }

  /** Feed at most `limits.entries` states. */
  async function feedGroup(
    batch: readonly Feed[],
    { chunk, signal, onStep }: FeedChunks,
  ): Promise<Float32Array<ArrayBuffer>[]> {
    const results: Float32Array<ArrayBuffer>[] = []
    const fed = batch.map(() => 0)
    while (true) {
      const open = batch.flatMap(({ ids }, i) => ((fed[i] as number) < ids.length ? [i] : []))
      if (open.length === 0) return results
      signal?.throwIfAborted()
      const share = Math.max(1, Math.floor(Math.min(chunk ? Infinity : rowsInTime, limits.rows) / open.length))
      const length = Math.min(chunk ?? Infinity, share)
      const entries = open.map((i) => {
        const { slot, ids } = batch[i] as Feed
        const from = fed[i] as number
        const to = Math.min(from + length, ids.length)
        fed[i] = to
        return { i, slot, ids: ids.slice(from, to), outputs: to === ids.length ? ('last' as const) : ('none' as const) }
      })
      const logits = await step(entries)
      const ended = entries.filter(({ outputs }) => outputs === 'last')
      ended.forEach(({ i }, output) => {
        results[i] = logits[output] as Float32Array<ArrayBuffer>
      })
      onStep?.(fed[0] as number)
    }
  }

  return {
    async feed(batch, options = {}) {
      const results: Float32Array<ArrayBuffer>[] = []
      for (let from = 0; from < batch.length; from += limits.entries) {
        results.push(...(await feedGroup(batch.slice(from, from + limits.entries), options)))
      }
      return results
    },
    async feedAll({ slot, ids }, { chunk = limits.outputs, signal, onStep } = {}) {
      const results: Float32Array<ArrayBuffer>[] = []
      const length = Math.min(chunk, limits.outputs)
      for (let from = 0; from < ids.length; from += length) {
        signal?.throwIfAborted()
        results.push(...(await step([{ slot, ids: ids.slice(from, from + length), outputs: 'all' }])))
        onStep?.(results.length)
      }
      return results
    },
  }
}
