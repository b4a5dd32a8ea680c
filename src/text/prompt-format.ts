/** @file How a chat is written as text. The format belongs to the model; these are the ones that RWKV-4 models know. */

import { fits, kind, list, shape, string, type Table } from '../core/kinds.ts'
import type { PromptFormat, ToolFormat } from '../core/protocol.ts'

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

const tools: Table<ToolFormat> = { present: string, callStart: string, callEnd: string, result: string }
/** What a prompt format must be. */
export const promptFormatKind = shape<PromptFormat>(
  {
    user: kind('a text with {text} in it', (value) => typeof value === 'string' && value.includes('{text}')),
    assistant: string,
    end: string,
    stop: list(string),
    opener: string,
    tools: shape(tools),
  },
  'opener',
  'tools',
)

/** Whether a value from elsewhere is a format. */
export const isPromptFormat = (value: unknown): value is PromptFormat => fits(promptFormatKind, value)

/** A message as these models saw messages in training: trimmed, its line ends plain, without blank lines. */
export function normalizeMessage(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\n+/g, '\n').trim()
}

/** A user's message as it stands in a conversation. */
export function formatMessage({ user }: PromptFormat, text: string): string {
  const message = user === plainFormat.user ? text : normalizeMessage(text)
  return user.replaceAll('{text}', () => message)
}

/** What to feed for a user's message; the reply follows it. */
export function formatUser(format: PromptFormat, text: string): string {
  return formatMessage(format, text) + format.assistant
}

/** What a model is taken to have replied, as it would have said it: behind a colon, a reply begins with a space. */
export function formatReply(format: PromptFormat, text: string): string {
  return format.assistant === '' ? text : ` ${normalizeMessage(text)}`
}
