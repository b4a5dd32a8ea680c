/**
 * @file What was read before need not be read again: states by the ids they have seen, so that a system prompt, a document
 * or the start of a conversation is computed once for all sessions of a model. They are found by a hash of the ids, which
 * grows with each id; so a search takes time for the ids that are to be read, not for those that were.
 */

import { hashAfter, type Seen, seenAfter } from './conversation.ts'
import type { KeptState } from './kept-states.ts'

/** A state and how much of the ids it has seen. */
export interface KnownPrefix {
  /** Ids. */
  readonly length: number
  /** To be restored at once: it may be forgotten later. */
  readonly state: KeptState
}

/** A reply as it went through the model. */
export interface KnownReply {
  /** Those that were said. */
  readonly ids: readonly number[]
  /** And the end of the turn behind them. */
  readonly all: readonly number[]
}

/** The states that sessions share. Beyond its bound the ones that were not used for longest are forgotten. */
export interface Prefixes {
  /** The state that has seen `seen` and then the longest beginning of `ids`, of at least one id. */
  find(seen: Seen, ids: readonly number[]): KnownPrefix | undefined
  /** `state` has seen `seen`. It is taken over. */
  add(seen: Seen, state: KeptState): void
  /** A text is not always encoded as the ids it was drawn in: remember them beside it. */
  addReply(text: string, reply: KnownReply): void
  findReply(text: string): KnownReply | undefined
  /** How many states are held, and how often one was found. */
  readonly size: number
  readonly hits: number
}

interface Entry {
  readonly seen: Seen
  readonly state: KeptState
}

/** None yet. `most` bounds states and replies. */
export function createPrefixes(most: number): Prefixes {
  const entries = new Map<number, Entry>() // by hash, the one used last at the end
  const replies = new Map<string, KnownReply>()
  let hits = 0

  const forget = (hash: number) => {
    entries.get(hash)?.state.release()
    entries.delete(hash)
  }

  return {
    find(seen, ids) {
      let { hash } = seen
      if (hash === undefined) return undefined
      const possible: (Entry & { readonly hash: number; readonly length: number })[] = [] // by their hashes
      for (const [place, id] of ids.entries()) {
        hash = hashAfter(hash, id)
        const entry = entries.get(hash)
        if (entry) possible.push({ ...entry, hash, length: place + 1 })
      }
      const found = possible.findLast((one) => isSame(one.seen, seenAfter(seen, ids.slice(0, one.length))))
      if (!found) return undefined
      hits += 1
      touch(entries, found.hash)
      return found
    },
    add(seen, state) {
      const { hash, length } = seen
      const known = hash === undefined ? undefined : entries.get(hash)
      if (hash === undefined || length === 0 || (known && isSame(known.seen, seen))) state.release()
      else {
        if (known) forget(hash) // of other ids with the same hash
        entries.set(hash, { seen, state })
      }
      if (hash !== undefined) touch(entries, hash)
      const [oldest] = entries.keys()
      if (oldest !== undefined && entries.size > most) forget(oldest)
    },
    addReply(text, reply) {
      replies.delete(text)
      replies.set(text, reply)
      const [oldest] = replies.keys()
      if (oldest !== undefined && replies.size > most) replies.delete(oldest)
    },
    findReply: (text) => replies.get(text),
    get size() {
      return entries.size
    },
    get hits() {
      return hits
    },
  }
}

/** Put what is at `key` to the end of the order. */
function touch<Key, Value>(map: Map<Key, Value>, key: Key): void {
  const value = map.get(key)
  if (value === undefined) return
  map.delete(key)
  map.set(key, value)
}

/** True for the same ids from the same beginning. What both share is not looked at. */
function isSame(one: Seen, other: Seen): boolean {
  if (one.length !== other.length) return false
  let [a, b] = [one, other]
  let [i, j] = [one.ids.length, other.ids.length] // how much of each is not compared yet
  while (a !== b || i !== j) {
    if (i === 0 && a.before) {
      a = a.before
      i = a.ids.length
    } else if (j === 0 && b.before) {
      b = b.before
      j = b.ids.length
    } else if (i === 0 || j === 0) return isSameStart(a, b)
    else if (a.ids[--i] !== b.ids[--j]) return false
  }
  return true
}

/** Of two beginnings. */
function isSameStart({ start: one }: Seen, { start: other }: Seen): boolean {
  return one === other || (one?.every((value, i) => value === other?.[i]) ?? false)
}
