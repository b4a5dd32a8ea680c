/** @file The conversation of an element without its element. */

import { type Conversation, type ConversationOptions, createConversation } from '../../src/element/conversation.ts'

/** A conversation without attributes and listeners, but for those in `options`. */
export function quietConversation(options: Partial<ConversationOptions> = {}): Conversation {
  const nothing = () => undefined
  return createConversation({
    system: nothing,
    promptFormat: nothing,
    initialState: nothing,
    sampling: () => ({}),
    think: () => false,
    ready: async () => {},
    onChange: nothing,
    onToken: nothing,
    onReply: nothing,
    onMessage: nothing,
    onRewind: nothing,
    ...options,
  })
}
