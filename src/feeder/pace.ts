/**
 * @file How many steps are under way at once while the GPU draws the ids: enough to cover the round trip of one step, so that
 * the GPU does not wait for the CPU, but few enough that a stop found late wastes no more than a moment.
 */

import { nextTask } from '../core/next-task.ts'

/** Steps that are under way. */
export interface Pace {
  /** How many may be under way at once, at least 2. */
  readonly ahead: number
  /** Count one more step, until `done` is settled. */
  begin(done: Promise<unknown>): void
  /** Resolves when another step may be submitted, after the callbacks of the last one have run. */
  room(): Promise<void>
  /** Resolves when no step is under way. */
  idle(): Promise<void>
}

const MOST_MS = 100 // of steps under way
const TIMINGS = 8 // that are remembered

/** None is under way, and nothing known. */
export function createPace(now: () => number, most: number): Pace {
  const under = new Set<Promise<void>>()
  const alone: number[] = [] // ms until a step was heard of that nothing was in front of
  const gaps: number[] = [] // ms from one that was heard of to the next: what a step takes, with pauses in between
  let last = 0
  const remember = (timings: number[], ms: number) => {
    timings.push(ms)
    if (timings.length > TIMINGS) timings.shift()
  }

  const pace: Pace = {
    get ahead() {
      if (alone.length === 0 || gaps.length === 0) return 2
      const step = Math.max(median(gaps), 0.1)
      return Math.max(2, Math.min(Math.floor(median(alone) / step) + 1, Math.floor(MOST_MS / step), most))
    },
    begin(done) {
      const at = now()
      const wasAlone = under.size === 0
      const end = () => {
        under.delete(ended)
        const time = now()
        if (wasAlone) remember(alone, time - at)
        else remember(gaps, time - Math.max(last, at))
        last = time
      }
      const ended = done.then(end, end)
      under.add(ended)
    },
    async room() {
      while (under.size >= pace.ahead) {
        await Promise.race(under)
        await nextTask()
      }
    },
    async idle() {
      await Promise.all(under)
    },
  }
  return pace
}

/** The lower one of an even number. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] as number
}
