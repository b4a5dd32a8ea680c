/**
 * @file What a conversation is besides its recurrent state: plain, immutable data that marks and files hold too. What was
 * said and the ids that were seen are lists that grow at their end, so moments of one conversation share their beginning.
 */

import type { Mark, Message } from '../core/protocol.ts'
import { checksumOf } from '../file/checksum.ts'

/** A message and all before it. */
export interface Said {
  readonly before: Said | undefined
  readonly message: Message
  /** How many messages: this one and those before it. */
  readonly count: number
}

/**
 * Ids in the order they were seen, and all before them. One such object stands for one state: a holder of the object may
 * take the state that was kept with it.
 */
export interface Seen {
  readonly before: Seen | undefined
  readonly ids: readonly number[]
  /** How many ids: these and those before them. */
  readonly length: number
  /** Of all ids; undefined where the beginning is not known, as in a session from a file of version 1. */
  readonly hash: number | undefined
  /** Only of a beginning: f32 (L, R, C), the state before any id, where it is not the model's own. */
  readonly start?: Float32Array<ArrayBuffer>
}

/** Nothing yet. */
export const nothingSeen: Seen = { before: undefined, ids: [], length: 0, hash: 0 }

/** Nothing yet, from a start state, f32 (L, R, C). */
export const nothingSeenFrom = (start: Float32Array<ArrayBuffer>): Seen => ({
  ...nothingSeen,
  hash:
    Number.parseInt(checksumOf(new Uint8Array(start.buffer, start.byteOffset, start.byteLength)).slice(0, 8), 16) | 0,
  start,
})

/** What `seen` goes on from. */
export function firstSeen(seen: Seen): Seen {
  let first = seen
  while (first.before) first = first.before
  return first
}

/** So many ids that are not known any more. */
export const unknownSeen = (length: number): Seen => ({ before: undefined, ids: [], length, hash: undefined })

/** The messages that end in `before`, then `message`. */
export function saidAfter(before: Said | undefined, message: Message): Said {
  return { before, message, count: (before?.count ?? 0) + 1 }
}

/** `seen`, then `ids`. Without ids it is `seen` itself. */
export function seenAfter(seen: Seen, ids: readonly number[]): Seen {
  if (ids.length === 0) return seen
  const hash = seen.hash === undefined ? undefined : ids.reduce(hashAfter, seen.hash)
  return { before: seen, ids, length: seen.length + ids.length, hash }
}

/** The hash (i32) of a text of ids of hash `hash`, then `id`. Different texts may have the same. */
export function hashAfter(hash: number, id: number): number {
  return Math.imul(((hash << 13) | (hash >>> 19)) ^ (id + 1), 0x9e3779b1) // odd, so that a step loses nothing
}

/** The ids that `seen` has after those of `from`, which it goes on from; all of them without it. */
export function idsSince(seen: Seen, from?: Seen): number[] {
  const parts: (readonly number[])[] = []
  for (let part: Seen | undefined = seen; part && part !== from; part = part.before) parts.push(part.ids)
  return parts.reverse().flat()
}

/** A conversation at one moment. */
export interface Conversation {
  readonly said: Said | undefined
  /** Ids that the state has not seen yet: a state alone cannot continue, the next logits need at least one. */
  readonly pending: readonly number[]
  /** Ids that the state has seen. */
  readonly seen: Seen
  /** How many of them were not fed, since other sessions had read them. */
  readonly reused: number
  /** Replies so far; each draws its random numbers from a stream of its own. */
  readonly replies: number
}

/** All messages in order. Takes time proportional to their number. */
export function messagesOf({ said }: Conversation): Message[] {
  const messages: Message[] = []
  for (let last = said; last; last = last.before) messages.push(last.message)
  return messages.reverse()
}

/** `conversation` with one more message, of which `ids` wait to be seen. */
export function withMessage(conversation: Conversation, message: Message, ids: readonly number[] = []): Conversation {
  const { said, pending } = conversation
  return {
    ...conversation,
    said: saidAfter(said, message),
    pending: [...pending, ...ids],
  }
}

/** `conversation` after its state has seen `count` of the pending ids, of which `known` need not be fed. */
export function withSeen(conversation: Conversation, count: number, known = 0): Conversation {
  const { seen, pending, reused } = conversation
  return {
    ...conversation,
    seen: seenAfter(seen, pending.slice(0, count)),
    pending: pending.slice(count),
    reused: reused + known,
  }
}

/** True for each moment that `later` goes on from, or is the same. Made once, it takes no time for each moment. */
export function continues(later: Conversation): (earlier: Conversation) => boolean {
  const all = new Set<Said | undefined>([undefined])
  for (let last = later.said; last; last = last.before) all.add(last)
  return ({ said, seen }) => seen.length <= later.seen.length && all.has(said)
}

/** The public name of a mark. */
export function markOf(id: number, { seen, said }: Conversation): Mark {
  return { id, tokens: seen.length, messages: said?.count ?? 0 }
}
