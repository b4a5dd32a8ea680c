/**
 * @file Where the state of a reply can go back to, since it runs ahead of the ids that are final: two slots that are copied
 * to in turn, and the kept state from which the reply began.
 */

import { isRwkvError } from '../core/errors.ts'
import type { StatePool } from '../forward/state-pool.ts'

/** Copies of one reply's state. */
export interface RestorePoints {
  /**
   * A slot that may be overwritten now that the first `final` ids are final: never the newest copy that has seen no more
   * than these. Undefined where that is the only one.
   */
  spare(final: number): number | undefined
  /** The slot holds a copy now, of the state that has seen `seen` ids of the reply. */
  kept(slot: number, seen: number): void
  /**
   * Go back to a state that has seen no more than `said` ids.
   * @returns how many it has seen; -1 for the beginning, where it has not even seen the last id of the prompt
   */
  restore(said: number): number
}

/** @param slots two to copy to, or none, where the pool is full: then there is only the beginning */
export function createRestorePoints(
  slots: readonly number[],
  { restoreSlot, restoreStart }: { restoreSlot: (slot: number) => void; restoreStart: () => void },
): RestorePoints {
  let points: { readonly slot: number; readonly seen: number }[] = [] // latest first
  return {
    spare(final) {
      const [latest] = points
      if (latest && latest.seen > final) return undefined
      return slots.find((slot) => slot !== latest?.slot)
    },
    kept(slot, seen) {
      points = [{ slot, seen }, ...points.filter((point) => point.slot !== slot)]
    },
    restore(said) {
      const point = points.find(({ seen }) => seen <= said)
      if (point) restoreSlot(point.slot)
      else restoreStart()
      return point?.seen ?? -1
    },
  }
}

/** Two slots to copy to, released by the caller; none where the pool is full. */
export async function allocateSpares(pool: StatePool): Promise<readonly number[]> {
  const slots: number[] = []
  try {
    while (slots.length < 2) slots.push(await pool.allocate())
  } catch (error) {
    slots.splice(0).forEach(pool.release)
    if (!isRwkvError(error, 'session/state-budget')) throw error
  }
  return slots
}
