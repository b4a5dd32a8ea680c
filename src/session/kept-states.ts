/**
 * @file Copies of states that can be gone back to: in slots of the pool, where a copy takes no time; beyond a budget in
 * memory; beyond another in a file, where the platform gives one. The oldest move on first.
 */

import { isRwkvError } from '../core/errors.ts'
import type { StatePool } from '../forward/state-pool.ts'
import type { TemporaryFile } from '../store/temporary-file.ts'
import type { StateBudgets } from './budgets.ts'

/** A copy of a state. It is shared: each holder releases it once. */
export interface KeptState {
  /** Put it into a slot. @throws RwkvError `store/corrupt` if it was in a file that has been taken away. */
  restore(slot: number): void
  /** f32 (L, R, C). Do not write to it. */
  read(): Promise<Float32Array<ArrayBuffer>>
  /** Hold it once more. */
  share(): KeptState
  release(): void
}

/** The copies of one model's states. */
export interface KeptStates {
  /** A copy of what is in `slot` now. */
  keep(slot: number): Promise<KeptState>
  /** A state from elsewhere, f32 (L, R, C). */
  hold(rows: Float32Array<ArrayBuffer>): Promise<KeptState>
  /** Move the oldest copy that is in a slot out of it, since the slot is needed; false if there is none. */
  leaveSlot(): Promise<boolean>
  /** Remove the file; there will be no other. The pool is its owner's. */
  dispose(): Promise<void>
}

/** What `createKeptStates` takes. */
export interface KeptStatesOptions {
  readonly pool: StatePool
  /** Opens a file for records of the length of a state. Left out or refused: the rest stays in memory. */
  readonly openTemporaryFile?: ((recordByteLength: number) => Promise<TemporaryFile>) | undefined
  /** Bytes of copies in slots, and in memory, if there is a file. */
  readonly budgets: Pick<StateBudgets, 'keptOnGpu' | 'keptInMemory'>
}

/** Where a copy is: in a slot, in memory, or in the file. */
interface Place {
  slot: number | undefined
  /** Copy of the slot in memory, cached by the first read: a kept slot is never written again. */
  seen: Float32Array<ArrayBuffer> | undefined
  rows: Float32Array<ArrayBuffer> | undefined
  record: number | undefined
  holders: number
}

/** No copies yet. */
export function createKeptStates(options: KeptStatesOptions): KeptStates {
  const { pool, openTemporaryFile, budgets } = options
  const mostInSlots = Math.floor(budgets.keptOnGpu / pool.stateByteLength)
  const mostInMemory = Math.floor(budgets.keptInMemory / pool.stateByteLength)
  const inSlots = new Set<Place>() // oldest first, as in memory
  const inMemory = new Set<Place>()
  let opening: Promise<TemporaryFile | undefined> | undefined
  let temporaryFile: TemporaryFile | undefined

  /** Move a copy to memory. The slot is given back once it has been read. */
  async function leave(place: Place): Promise<void> {
    inSlots.delete(place)
    const { slot } = place
    if (slot === undefined) return
    const rows = place.seen ?? (await pool.read(slot))
    place.slot = undefined
    place.seen = undefined
    pool.release(slot)
    if (place.holders > 0) await putInMemory(place, rows)
  }

  async function putInMemory(place: Place, rows: Float32Array<ArrayBuffer>): Promise<void> {
    place.rows = rows
    inMemory.add(place)
    if (inMemory.size <= mostInMemory) return
    opening ??= openTemporaryFile?.(pool.stateByteLength).catch(() => undefined) ?? Promise.resolve(undefined)
    temporaryFile = await opening
    if (temporaryFile) leaveMemory(temporaryFile)
  }

  /** Move the oldest copies to the file, as long as there is room on the device. */
  function leaveMemory(file: TemporaryFile): void {
    for (const place of inMemory) {
      if (inMemory.size <= mostInMemory) return
      const { buffer, byteOffset, byteLength } = place.rows as Float32Array<ArrayBuffer>
      try {
        place.record = file.put(new Uint8Array(buffer, byteOffset, byteLength))
      } catch (error) {
        if (!isRwkvError(error, 'store/quota')) throw error
        return
      }
      place.rows = undefined
      inMemory.delete(place)
    }
  }

  /** A slot with a copy of `slot`, if there is room for one. */
  async function copyOf(slot: number): Promise<number | undefined> {
    for (const oldest of inSlots) {
      if (inSlots.size < mostInSlots || pool.device?.lost.aborted) break // what is lost cannot be read yet
      await leave(oldest)
    }
    try {
      return mostInSlots > 0 ? await pool.allocate(slot) : undefined
    } catch (error) {
      if (!isRwkvError(error, 'session/state-budget')) throw error
      return undefined
    }
  }

  /** What is not in a slot. */
  const rowsOf = ({ rows, record }: Place): Float32Array<ArrayBuffer> =>
    rows ?? new Float32Array((temporaryFile as TemporaryFile).get(record as number).buffer)

  /** What is in a slot; from the GPU the first time only, since each save of a conversation reads all marks. */
  async function seenIn(place: Place, slot: number): Promise<Float32Array<ArrayBuffer>> {
    const rows = place.seen ?? (await pool.read(slot))
    if (place.slot === undefined) return rowsOf(place) // it left meanwhile, and the slot may hold something else
    place.seen = rows
    return rows
  }

  function kept(place: Place): KeptState {
    let held = true
    return {
      restore(slot) {
        if (place.slot !== undefined) pool.copy(place.slot, slot)
        else pool.write(slot, rowsOf(place))
      },
      read: async () => (place.slot !== undefined ? seenIn(place, place.slot) : rowsOf(place)),
      share() {
        place.holders += 1
        return kept(place)
      },
      release() {
        if (!held) return
        held = false
        place.holders -= 1
        if (place.holders > 0) return
        // If it is being moved out of its slot, the move releases the slot.
        if (place.slot !== undefined && inSlots.delete(place)) pool.release(place.slot)
        inMemory.delete(place)
        if (place.record !== undefined) temporaryFile?.free(place.record)
      },
    }
  }

  const placeOf = (slot: number | undefined): Place => ({
    slot,
    seen: undefined,
    rows: undefined,
    record: undefined,
    holders: 1,
  })
  async function hold(rows: Float32Array<ArrayBuffer>): Promise<KeptState> {
    const place = placeOf(undefined)
    await putInMemory(place, rows)
    return kept(place)
  }

  return {
    async keep(slot) {
      const own = await copyOf(slot)
      if (own === undefined) return hold(await pool.read(slot))
      const place = placeOf(own)
      inSlots.add(place)
      return kept(place)
    },
    hold,
    async leaveSlot() {
      const [oldest] = inSlots
      if (oldest) await leave(oldest)
      return oldest !== undefined
    },
    async dispose() {
      opening ??= Promise.resolve(undefined)
      await (await opening)?.close()
    },
  }
}
