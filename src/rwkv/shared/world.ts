/** @file How World models of RWKV-5 and later were taught to chat. */

import type { PromptFormat, SamplingOptions } from '../../core/protocol.ts'
import { numberTokens } from '../../model/number-tokens.ts'
import type { Family } from '../../model/version.ts'

/** Answers keep their paragraphs: they end at token 0, or where the model begins to write the user's next message. */
export const worldFormat: PromptFormat = {
  system: 'System: {text}\n\n',
  user: 'User: {text}\n\n',
  assistant: 'Assistant:',
  end: '\n\n',
  stop: ['\nUser:'],
}

/** From the middle of what their cards recommend. */
export const worldSampling: Partial<SamplingOptions> = {
  temperature: 1,
  topP: 0.5,
  presencePenalty: 1,
  frequencyPenalty: 0.1,
  penaltyDecay: 0.99,
  frequencyExempt: numberTokens,
  maxTokens: 2000,
}

/** Models of a version, all of which are World models. */
export const worldFamily = (pattern: RegExp): Family => ({
  ...{ name: 'World', pattern, tokenizer: 'world', isLikely: true },
  ...{ promptFormat: worldFormat, sampling: worldSampling },
})
