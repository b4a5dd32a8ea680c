/** @file Reading ids into a session's state: what other sessions have read already is copied, the rest is fed and kept. */

import { type Conversation, idsOf } from './conversation.ts'
import type { Feeder } from './feed.ts'
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
  readonly onRead: (progress: ReadProgress) => void
}

/** Reads and shares. */
export interface Reader {
  /** Bring the state of `moment` forward by `ids`. Told after each step; an abort leaves what was read by then. */
  read(moment: Conversation, ids: readonly number[], options: ReadOptions): Promise<void>
  /** Let other sessions begin with the state as it is now, that of `moment`; `kept` is a copy of it, if there is one. */
  share(moment: Conversation, kept?: KeptState): Promise<void>
}

const WORTH_SHARING = 8 // ids; fewer are fed as fast as copied

/** A reader for one slot. */
export function createReader({ slot, feeder, keptStates, prefixes }: ReaderParts): Reader {
  async function share(ids: readonly number[], kept?: KeptState): Promise<void> {
    if (prefixes && ids.length >= WORTH_SHARING) prefixes.add(ids, kept?.share() ?? (await keptStates.keep(slot)))
  }

  return {
    async read({ seen, tokens, pending }, ids, { signal, onRead }) {
      signal?.throwIfAborted()
      let inState = 0 // of `ids`
      let known = 0 // of those, not fed
      const all = seen && [...idsOf(seen), ...ids]
      const found = all && prefixes?.find(all)
      if (found && found.length > tokens) {
        found.state.restore(slot)
        known = found.length - tokens
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
      if (all && tokens === 0 && pending.length < ids.length && inState < pending.length) {
        await feedUpTo(pending.length) // how a conversation opens is what others are likely to have in common
        await share(all.slice(0, pending.length))
      }
      await feedUpTo(ids.length)
    },
    share: async ({ seen }, kept) => {
      if (seen) await share(idsOf(seen), kept)
    },
  }
}
