/** @file Presence and frequency penalties over the tokens of one reply, with counts that fade. */

/** How often each id was generated in this reply; older ones count less. */
export interface Penalties {
  /** All counts times `decay`, then one more of `id`. */
  add(id: number, decay: number): void
  /** Ids generated so far and their counts. */
  readonly counts: ReadonlyMap<number, number>
}

/** No tokens yet. Those that are `exempt` are among the ids, and count 0. */
export function createPenalties(exempt?: ReadonlySet<number>): Penalties {
  const counts = new Map<number, number>()
  return {
    counts,
    add(id, decay) {
      for (const [other, count] of counts) counts.set(other, count * decay)
      counts.set(id, (counts.get(id) ?? 0) + (exempt?.has(id) ? 0 : 1))
    },
  }
}
