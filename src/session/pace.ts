/**
 * @file How many steps are under way at a time while ids are drawn on the GPU: as many as fit the time until one is heard
 * of, so that the GPU does not wait for the CPU, but not so many that a stop found late costs more than a moment.
 */

import { nextTask } from '../core/next-task.ts'

/** Steps that are under way. */
export interface Pace {
  /** How many may be, at least 2. */
  readonly ahead: number
  /** One more is, until `done` is settled. */
  begin(done: Promise<unknown>): void
  /** Resolves when another may begin, and whoever has heard of the last one has had its say. */
  room(): Promise<void>
  /** Resolves when none is under way. */
  idle(): Promise<void>
}

const MOST_MS = 100 // of steps under way
const WEIGHT = 0.25 // of a new timing

/** None is under way, and nothing known. */
export function createPace(now: () => number, most: number): Pace {
  const under = new Set<Promise<void>>()
  let alone = 0 // ms until a step is heard of that nothing was in front of
  let gap = 0 // ms from one that is heard of to the next
  let last = 0
  const blend = (old: number, value: number) => (old === 0 ? value : old + (value - old) * WEIGHT)

  const pace: Pace = {
    get ahead() {
      if (alone === 0 || gap === 0) return 2
      return Math.max(2, Math.min(Math.floor(alone / gap) + 1, Math.floor(MOST_MS / gap), most))
    },
    begin(done) {
      const at = now()
      const wasAlone = under.size === 0
      const end = () => {
        under.delete(ended)
        const time = now()
        if (wasAlone) alone = blend(alone, time - at)
        else gap = blend(gap, time - Math.max(last, at))
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
