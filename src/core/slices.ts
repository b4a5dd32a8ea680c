/**
 * @file Long work in slices: a generator that gives way after so many steps, by count and not by the clock. The caller
 * that runs it decides whether others come in between.
 */

import { nextTask } from './next-task.ts'

/** Work that gives way at each `yield`. */
export type Sliced<T> = Generator<void, T, void>

/** Counts the steps of one piece of work. A step is about what a look-up in a map costs. */
export interface Meter {
  /**
   * So many more.
   * @returns true if a slice is full: `yield meter.rest()`
   * @throws what `refuse` makes, if it is more than this work may take
   */
  spend(steps: number): boolean
  /** The next slice begins. */
  rest(): void
  /** All of them so far. */
  readonly steps: number
}

/** A meter for work of at most `most` steps, in slices of `slice`. */
export function createMeter({
  most,
  slice,
  refuse,
}: {
  readonly most: number
  readonly slice: number
  readonly refuse: () => Error
}): Meter {
  let all = 0
  let inSlice = 0
  return {
    spend(steps) {
      all += steps
      inSlice += steps
      if (all > most) throw refuse()
      return inSlice >= slice
    },
    rest() {
      inSlice = 0
    },
    get steps() {
      return all
    },
  }
}

/** The result of `work`, without giving way. */
export function finish<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/**
 * The result of `work`; a task passes after each slice.
 * @returns rejects with the signal's reason once it is aborted, and with what the work throws
 */
export async function inSlices<T>(work: Sliced<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    await nextTask()
    signal?.throwIfAborted()
  }
}
