/**
 * @file How RWKV-7 models were taught to chat: World models and G1, their successors, take the same turns; only G1 and what
 * came after it think before they answer and call tools, and from G1c on they fill gaps.
 */

import type { PromptFormat } from '../../core/protocol.ts'
import type { Family } from '../../model/version.ts'
import { worldSampling as sampling, worldFamily, worldFormat } from '../shared/world.ts'

/** Without thoughts by the fast opening; the model closes the tag. Calls of tools are JSON in a fence. */
const thinkingFormat: PromptFormat = {
  ...worldFormat,
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
  worldFamily(/world|rwkv-?7/i),
]
