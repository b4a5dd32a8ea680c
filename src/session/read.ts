/** @file Reading ids into a session's state: what other sessions have read already is copied, the rest is fed and kept. */

import type { Feeder } from '../feeder/feed.ts'
import { type Seen, seenAfter } from './conversation.ts'
import type { KeptState, KeptStates } from './kept-states.ts'
import type { Prefixes } from './prefixes.ts'

/** What reading needs of a session. */
export interface ReaderParts {
  readonly slot: number
  readonly feeder: Feeder
  readonly keptStates: KeptStates
  /** Absent: nothing is shared. */
  readonly prefixes: Prefixes | undefined
}

/** How far a reading is. */
export interface ReadProgress {
  /** Ids that the state has seen. */
  readonly inState: number
  /** Of those, the ones that had to be fed. */
  readonly fed: number
}

/** Options of a reading. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** How many of the ids open the conversation, if it begins here: others are likely to begin with them too. */
  readonly opening: number
  readonly onRead: (progress: ReadProgress) => void
}

/** Reads and shares. */
export interface Reader {
  /** Feed `ids` to the state, which has seen `seen`. Calls back after each step; an abort keeps what was fed by then. */
  read(seen: Seen, ids: readonly number[], options: ReadOptions): Promise<void>
  /** Let other sessions begin with the state as it is now, which has seen `seen`; `kept` is a copy of it, if there is one. */
  share(seen: Seen, kept?: KeptState): Promise<void>
}

const WORTH_SHARING = 8 // ids; fewer are fed as fast as copied

/** A reader for one slot. */
export function createReader({ slot, feeder, keptStates, prefixes }: ReaderParts): Reader {
  async function share(seen: Seen, kept?: KeptState): Promise<void> {
    if (prefixes && seen.hash !== undefined && seen.length >= WORTH_SHARING)
      prefixes.add(seen, kept?.share() ?? (await keptStates.keep(slot)))
  }

  return {
    async read(seen, ids, { signal, opening, onRead }) {
      signal?.throwIfAborted()
      let inState = 0 // of `ids`
      let known = 0 // of those, not fed
      const found = prefixes?.find(seen, ids)
      if (found) {
        found.state.restore(slot)
        known = found.length
        inState = known
        onRead({ inState, fed: 0 })
      }
      const feedUpTo = async (end: number) => {
        const before = inState
        if (before >= end) return
        const onStep = (count: number) => {
          inState = before + count
          onRead({ inState, fed: inState - known })
        }
        await feeder.feed([{ slot, ids: ids.slice(before, end) }], { signal, onStep })
      }
      if (seen.length === 0 && opening < ids.length && inState < opening) {
        await feedUpTo(opening)
        await share(seenAfter(seen, ids.slice(0, opening)))
      }
      await feedUpTo(ids.length)
    },
    share,
  }
}
