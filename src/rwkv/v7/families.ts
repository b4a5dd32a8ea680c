/** @file How RWKV-7 models were taught to chat: World models and G1, their successors, take the same turns. */

import type { Family } from '../../model/version.ts'

/** Answers keep their paragraphs: they end at token 0, or where the model begins to write the user's next message. */
export const families: readonly Family[] = [
  {
    name: 'World',
    pattern: /world|rwkv-?7|(^|[^a-z\d])g1/i,
    tokenizer: 'world',
    promptFormat: { user: 'User: {text}\n\n', assistant: 'Assistant:', end: '\n\n', stop: ['\nUser:'] },
    isLikely: true,
  },
]
