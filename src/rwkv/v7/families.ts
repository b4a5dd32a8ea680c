/**
 * @file How RWKV-7 models were taught to chat: World models and G1, their successors, take the same turns; only G1 and what
 * came after it think before they answer and call tools, and from G1c on they fill gaps.
 */

import type { PromptFormat, SamplingOptions } from '../../core/protocol.ts'
import { numberTokens } from '../../model/number-tokens.ts'
import type { Family } from '../../model/version.ts'

/** Answers keep their paragraphs: they end at token 0, or where the model begins to write the user's next message. */
const promptFormat: PromptFormat = {
  system: 'System: {text}\n\n',
  user: 'User: {text}\n\n',
  assistant: 'Assistant:',
  end: '\n\n',
  stop: ['\nUser:'],
}

/** Without thoughts by the fast opening; the model closes the tag. Calls of tools are JSON in a fence. */
const thinkingFormat: PromptFormat = {
  ...promptFormat,
  think: {
    skip: ' <think></think',
    open: ' <think',
    close: '</think>',
    on: ' (think)',
    aBit: ' (think a bit)',
    aLot: ' (think a lot)',
  },
  tools: {
    present: 'System: Tools:\n{tools}\nReturn only a JSON function call.\n\n',
    style: 'signatures',
    callStart: '```json\n',
    callEnd: '\n```',
    between: '\n',
    result: 'User: Function output:\n{text}\n\n',
  },
}

/** With what stands between two texts. */
const fillingFormat: PromptFormat = {
  ...thinkingFormat,
  fillIn: { text: '✿prefix✿✿suffix✿{suffix}✿middle✿{prefix}', stop: '✿' },
}

/** From the middle of what their cards recommend. */
const sampling: Partial<SamplingOptions> = {
  temperature: 1,
  topP: 0.5,
  presencePenalty: 1,
  frequencyPenalty: 0.1,
  penaltyDecay: 0.99,
  frequencyExempt: numberTokens,
  maxTokens: 2000,
}

/** By their names. */
export const families: readonly Family[] = [
  {
    name: 'G1c',
    pattern: /(^|[^a-z\d]|rwkv-?7)g(1[c-z](?![a-z])|[2-9])/i,
    tokenizer: 'world',
    promptFormat: fillingFormat,
    sampling,
  },
  { name: 'G1', pattern: /(^|[^a-z\d]|rwkv-?7)g[1-9]/i, tokenizer: 'world', promptFormat: thinkingFormat, sampling },
  { name: 'World', pattern: /world|rwkv-?7/i, tokenizer: 'world', promptFormat, sampling, isLikely: true },
]
