/** @file What a conversation is besides its recurrent state: plain, immutable data that marks and files hold too. */

import type { Mark, Message } from '../core/protocol.ts'

/** Ids in the order they were seen, sharing what came before with other moments. */
export interface Seen {
  readonly before: Seen | undefined
  readonly ids: readonly number[]
}

/** Nothing yet. */
export const nothingSeen: Seen = { before: undefined, ids: [] }

/** All of them. Takes time proportional to their number. */
export function idsOf(seen: Seen): number[] {
  const parts: (readonly number[])[] = []
  for (let part: Seen | undefined = seen; part; part = part.before) parts.push(part.ids)
  return parts.reverse().flat()
}

/** A conversation at one moment. */
export interface Conversation {
  readonly transcript: readonly Message[]
  /** Ids that the state has not seen yet: a state alone cannot continue, the next logits need at least one. */
  readonly pending: readonly number[]
  /** How many ids the state has seen. */
  readonly tokens: number
  /** Those ids; unknown in a session that was restored from a file. */
  readonly seen?: Seen | undefined
  /** How many of them were not fed, since other sessions had read them. */
  readonly reused?: number
  /** Replies so far; each draws its random numbers from a stream of its own. */
  readonly replies: number
}

/** `conversation` with one more message. */
export function withMessage(conversation: Conversation, message: Message): Conversation {
  return { ...conversation, transcript: [...conversation.transcript, message] }
}

/**
 * `conversation` after its state has seen `ids` too, of which `known` need not be fed; `pending` are those it has not
 * seen.
 */
export function withSeen(
  conversation: Conversation,
  ids: readonly number[],
  pending: readonly number[],
  known = 0,
): Conversation {
  const { seen, tokens, reused = 0 } = conversation
  return {
    ...conversation,
    tokens: tokens + ids.length,
    reused: reused + known,
    pending,
    seen: seen && { before: seen, ids },
  }
}

/** True if `later` goes on from where `earlier` was, or is the same. */
export function continues(later: Conversation, earlier: Conversation): boolean {
  const { length } = earlier.transcript
  return earlier.tokens <= later.tokens && later.transcript[length - 1] === earlier.transcript[length - 1]
}

/** The public name of a mark. */
export function markOf(id: number, { tokens, transcript }: Conversation): Mark {
  return { id, tokens, messages: transcript.length }
}
