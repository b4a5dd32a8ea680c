/**
 * @file Which special tokens a conversation knows: those that its prompt format is written with. What somebody says is text,
 * whatever it spells out; else a message could end the text it stands in.
 */

import type { PromptFormat } from '../core/protocol.ts'
import { formatUser } from './prompt-format.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The tokenizer of conversations in `format`: no other special tokens become their ids than those it is written with. */
export function conversationTokenizer(tokenizer: Tokenizer, format: PromptFormat): Tokenizer {
  const { user, assistant, end, opener = '', system = '', tools, think } = format
  const others = [...Object.values(tools ?? {}), ...Object.values(think ?? {})]
  const words: readonly string[] = [user, assistant, end, opener, system, ...others]
  const isOwn = (spelling: string) => words.some((text) => text.includes(spelling))
  return {
    ...tokenizer,
    encode: (text, isSpecial = () => true) =>
      tokenizer.encode(text, (spelling, at) => isOwn(spelling) && isSpecial(spelling, at)),
  }
}

/**
 * A user's message in the words of the format, as ids; special tokens are known around it, and none inside.
 * @param hint stands behind it
 */
export function encodeMessage(tokenizer: Tokenizer, format: PromptFormat, text: string, hint = ''): number[] {
  const [before = ''] = format.user.split('{text}', 1)
  const behind = format.user.split('{text}').at(-1) + format.assistant
  const formatted = formatUser(format, text, hint)
  return tokenizer.encode(formatted, (_, at) => at < before.length || at >= formatted.length - behind.length)
}
