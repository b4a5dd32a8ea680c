/** @file How a chat is written as text. The format belongs to the model; these are the ones that RWKV-4 models know. */

import { fits, kind, list, oneOf, shape, string, type Table, text } from '../core/kinds.ts'
import type { FillInFormat, Message, PromptFormat, ThinkFormat, ToolFormat } from '../core/protocol.ts'

/** Later World models, and the built-in one. */
export const userAssistantFormat: PromptFormat = {
  user: 'User: {text}\n\n',
  assistant: 'Assistant:',
  end: '\n\n',
  stop: ['\n\n'],
}

/** RWKV-4 World, by its model card. */
export const questionAnswerFormat: PromptFormat = {
  user: 'Question: {text}\n\n',
  assistant: 'Answer:',
  end: '\n\n',
  stop: ['\n\n'],
  opener:
    'Question: hi\n\nAnswer: Hi. I am your assistant and I will provide expert full response in full details. Please feel free to ask any question and I will always answer it.\n\n',
}

/** Raven. */
export const bobAliceFormat: PromptFormat = {
  user: 'Bob: {text}\n\n',
  assistant: 'Alice:',
  end: '\n\n',
  stop: ['\n\n'],
}

/** Pile: the text goes on where it was left. */
export const plainFormat: PromptFormat = { user: '{text}', assistant: '', end: '', stop: [] }

const hasSlot = (value: unknown) => typeof value === 'string' && value.includes('{text}')
const think: Table<ThinkFormat> = { skip: string, open: string, close: text, on: string, aBit: string, aLot: string }
const tools: Table<ToolFormat> = {
  present: string,
  style: oneOf('json', 'signatures'),
  callStart: text,
  callEnd: text,
  between: string,
  result: string,
}
const fillIn: Table<FillInFormat> = { text: string, stop: text }
/** What a prompt format must be. */
export const promptFormatKind = shape<PromptFormat>(
  {
    user: kind('a text with {text} in it', hasSlot),
    assistant: string,
    end: string,
    stop: list(string),
    opener: string,
    system: kind('a text with {text} in it', hasSlot),
    think: shape(think),
    tools: shape(tools, 'style', 'between'),
    fillIn: shape(fillIn),
  },
  'opener',
  'system',
  'think',
  'tools',
  'fillIn',
)

/** Whether a value from elsewhere is a format. */
export const isPromptFormat = (value: unknown): value is PromptFormat => fits(promptFormatKind, value)

/** A text of the system or the user as these models saw it in training: trimmed, its line ends plain, no blank lines. */
export function normalizeMessage(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\n+/g, '\n').trim()
}

/** A user's message as it stands in a conversation, `hint` behind it. */
export function formatMessage({ user }: PromptFormat, text: string, hint = ''): string {
  const message = user === plainFormat.user ? text : normalizeMessage(text) + hint
  return user.replaceAll('{text}', () => message)
}

/** A text of the system as it stands in a conversation. */
export function formatSystem({ system, end }: PromptFormat, text: string): string {
  return (system ?? `{text}${end}`).replaceAll('{text}', () => normalizeMessage(text))
}

/** What to feed for a user's message; the reply follows it. */
export function formatUser(format: PromptFormat, text: string, hint = ''): string {
  return formatMessage(format, text, hint) + format.assistant
}

/** Whether a reply to `last` stands behind the format's own words, such as `Assistant:`, and so begins with a space. */
export function leadsOn({ assistant }: PromptFormat, last: Pick<Message, 'role' | 'text'> | undefined): boolean {
  if (assistant === '' || !last) return false
  return last.role === 'user' || (last.role === 'text' && last.text.endsWith(assistant))
}

/** Whether replies have paragraphs: where what closes a turn also stops a reply, none has a blank line. */
export const hasParagraphs = ({ assistant, end, stop }: PromptFormat): boolean =>
  assistant !== '' && !stop.includes(end)

/** What a model is taken to have replied, as it would have said it: behind a colon, a reply begins with a space. */
export function formatReply(format: PromptFormat, text: string): string {
  if (format.assistant === '') return text
  return ` ${hasParagraphs(format) ? withoutLineEnds(text.trimStart()) : normalizeMessage(text)}`
}

/** A reply with paragraphs as it stands in a conversation: what closes its turn has the only line ends behind it. */
export function withoutLineEnds(text: string): string {
  return text.replace(/[\r\n]+$/, '')
}
