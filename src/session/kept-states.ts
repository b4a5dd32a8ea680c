/**
 * @file Copies of states that can be gone back to: in slots of the pool, where a copy takes no time, and beyond a budget
 * in memory, the oldest first.
 */

import { isRwkvError } from '../core/errors.ts'
import type { StatePool } from '../forward/state-pool.ts'

/** A copy of a state. It is shared: whoever holds it releases it once. */
export interface KeptState {
  /** Put it into a slot. */
  restore(slot: number): void
  /** f32 (L, 5, C). Do not write to it. */
  read(): Promise<Float32Array<ArrayBuffer>>
  /** Hold it once more. */
  share(): KeptState
  release(): void
}

/** The copies of one model's states. */
export interface KeptStates {
  /** A copy of what is in `slot` now. */
  keep(slot: number): Promise<KeptState>
  /** A state from elsewhere, f32 (L, 5, C). */
  hold(rows: Float32Array<ArrayBuffer>): KeptState
}

const BUDGET_BYTES = 16 * 1024 * 1024 // of GPU memory for copies

/** Where a copy is: in a slot, or in memory. */
interface Place {
  slot: number | undefined
  rows: Float32Array<ArrayBuffer> | undefined
  holders: number
}

/** No copies yet. */
export function createKeptStates(pool: StatePool, budgetByteLength = BUDGET_BYTES): KeptStates {
  const most = Math.floor(budgetByteLength / pool.stateByteLength)
  const inSlots = new Set<Place>() // oldest first

  /** Move a copy to memory. The slot is given back once it has been read. */
  async function spill(place: Place): Promise<void> {
    inSlots.delete(place)
    const { slot } = place
    if (slot === undefined) return
    place.rows = await pool.read(slot)
    place.slot = undefined
    pool.release(slot)
  }

  /** A slot with a copy of `slot`, if there is room for one. */
  async function copyOf(slot: number): Promise<number | undefined> {
    const [oldest] = inSlots
    if (oldest && inSlots.size >= most) await spill(oldest)
    try {
      return most > 0 ? await pool.allocate(slot) : undefined
    } catch (error) {
      if (!isRwkvError(error, 'session/state-budget')) throw error
      return undefined
    }
  }

  function kept(place: Place): KeptState {
    let held = true
    return {
      restore(slot) {
        if (place.slot !== undefined) pool.copy(place.slot, slot)
        else if (place.rows) pool.write(slot, place.rows)
      },
      read: async () => place.rows ?? pool.read(place.slot as number),
      share() {
        place.holders += 1
        return kept(place)
      },
      release() {
        if (!held) return
        held = false
        place.holders -= 1
        if (place.holders > 0) return
        // While it is being spilled it has a slot, which the spilling gives back.
        if (place.slot !== undefined && inSlots.delete(place)) pool.release(place.slot)
      },
    }
  }

  return {
    async keep(slot) {
      const own = await copyOf(slot)
      if (own === undefined) return kept({ slot: undefined, rows: await pool.read(slot), holders: 1 })
      const place: Place = { slot: own, rows: undefined, holders: 1 }
      inSlots.add(place)
      return kept(place)
    },
    hold: (rows) => kept({ slot: undefined, rows, holders: 1 }),
  }
}
