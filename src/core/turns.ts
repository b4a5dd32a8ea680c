/** @file First come, first served: work that must not overlap. */

/** Run `work` when everything before it has ended, however it ended. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** A queue of its own. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
}
