/**
 * @file A thing that can die (a GPU device, a worker) and the calls that wait for it: when it dies, every one of them is
 * rejected at once instead of waiting for ever.
 */

import type { RwkvError } from './errors.ts'

/** Watches over pending calls. */
export interface Guard {
  /** Settle as `pending` does, or reject with the reason once the guard has ended. */
  guard<T>(pending: Promise<T>): Promise<T>
  /** Reject everything that is pending and everything that comes; only the first reason counts. */
  end(reason: RwkvError): void
  /** Why it has ended. */
  readonly ended: RwkvError | undefined
}

/** A guard that has not ended; it ends with `outer` too, if there is one. */
export function createGuard(outer?: Guard): Guard {
  const waiting = new Set<(reason: RwkvError) => void>()
  let ended: RwkvError | undefined
  return {
    guard: (work) =>
      new Promise((resolve, reject) => {
        const pending = outer ? outer.guard(work) : work
        if (ended) {
          pending.catch(() => {})
          reject(ended)
          return
        }
        waiting.add(reject)
        pending.then(resolve, reject).finally(() => waiting.delete(reject))
      }),
    end(reason) {
      ended ??= reason
      for (const reject of waiting) reject(ended)
      waiting.clear()
    },
    get ended() {
      return ended ?? outer?.ended
    },
  }
}
