/** @file What a conversation is besides its recurrent state: plain, immutable data that marks and files hold too. */

import type { Mark, Message } from '../core/protocol.ts'

/** A conversation at one moment. */
export interface Conversation {
  readonly transcript: readonly Message[]
  /** Ids that the state has not seen yet: a state alone cannot continue, the next logits need at least one. */
  readonly pending: readonly number[]
  /** How many ids the state has seen. */
  readonly tokens: number
  /** Replies so far; each draws its random numbers from a stream of its own. */
  readonly replies: number
}

/** `conversation` with one more message. */
export function withMessage(conversation: Conversation, message: Message): Conversation {
  return { ...conversation, transcript: [...conversation.transcript, message] }
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
