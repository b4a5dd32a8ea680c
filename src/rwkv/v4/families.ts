/** @file How the models of RWKV-4 that people run were taught to chat. */

import { numberTokens } from '../../model/number-tokens.ts'
import type { Family } from '../../model/version.ts'
import { bobAliceFormat, plainFormat, questionAnswerFormat } from '../../text/prompt-format.ts'

/** By their names. */
export const families: readonly Family[] = [
  { name: 'Raven', pattern: /raven/i, tokenizer: 'bpe', promptFormat: bobAliceFormat },
  {
    name: 'World',
    pattern: /world/i,
    tokenizer: 'world',
    promptFormat: questionAnswerFormat,
    sampling: { frequencyExempt: numberTokens },
    isLikely: true,
  },
  { name: 'Pile', pattern: /(^|[^a-z])pile([^a-z]|$)/i, tokenizer: 'bpe', promptFormat: plainFormat },
]
