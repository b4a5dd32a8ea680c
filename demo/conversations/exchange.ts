/** @file Conversations as files: JSON and Markdown to read elsewhere, and one file with the state, to go on anywhere. */

import { RwkvError } from '../../src/core/errors.ts'
import { decodeChat } from '../../src/element/saved-chat.ts'
import type { ChatMessage } from '../../src/element/types.ts'
import { titleOf } from './titles.ts'

/** A conversation without its state. */
export interface PlainConversation {
  readonly title: string
  /** Name of the model that spoke. */
  readonly model: string
  readonly messages: readonly ChatMessage[]
}

/** A conversation from a file. */
export interface ImportedConversation {
  readonly title: string
  /** From `<rwkv-chat>.save()`, if the file has it. */
  readonly saved?: Uint8Array<ArrayBuffer>
  /** What is to be read, if it has not. */
  readonly later: readonly ChatMessage[]
}

const FORMAT = 'rwkv.js conversation'

/** As JSON: `{ format, version: 1, title, model, messages: [{ role, text }] }`. */
export function toJson({ title, model, messages }: PlainConversation): string {
  const plain = messages.map(({ role, text }) => ({ role, text }))
  return `${JSON.stringify({ format: FORMAT, version: 1, title, model, messages: plain }, undefined, 2)}\n`
}

/** As Markdown: a heading, and the words of each under their name. */
export function toMarkdown({ title, model, messages }: PlainConversation, you: string): string {
  const parts = messages.map(({ role, text }) => `**${role === 'user' ? you : model}**\n\n${text.trim()}\n`)
  return [`# ${title}\n`, ...parts].join('\n')
}

/**
 * A conversation from the bytes of a file that `toJson` or `<rwkv-chat>.save()` made.
 * @throws RwkvError `option/invalid` for anything else
 */
export function readConversation(bytes: Uint8Array<ArrayBuffer>): ImportedConversation {
  // A safetensors file begins with a length in 8 bytes, whose last is 0, and an old saved conversation with RWKVCHAT; JSON
  // with neither.
  if (bytes[7] === 0 || bytes[0] === 'R'.charCodeAt(0)) {
    const { messages } = decodeChat(bytes)
    return { title: titleOf(messages[0]?.text ?? ''), saved: bytes, later: [] }
  }
  let read: unknown
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw refusal(`it is not JSON (${cause instanceof Error ? cause.message : cause})`)
  }
  const { format, version, title, messages } = (read ?? {}) as Record<string, unknown>
  if (format !== FORMAT || version !== 1) throw refusal(`its format is ${JSON.stringify(format)}`)
  if (!Array.isArray(messages) || !messages.every(isMessage)) throw refusal('its messages are damaged')
  if (!messages.some(({ text }) => text.trim())) throw refusal('nothing is said in it')
  const later = messages.map(({ role, text }) => ({ role, text }))
  return { title: typeof title === 'string' && title ? title : titleOf(later[0]?.text ?? ''), later }
}

function isMessage(value: unknown): value is ChatMessage {
  if (typeof value !== 'object' || value === null) return false
  const { role, text } = value as Record<string, unknown>
  return (role === 'user' || role === 'assistant') && typeof text === 'string'
}

function refusal(found: string): RwkvError {
  return new RwkvError('option/invalid', `This file is not a conversation: ${found}. Take one that was exported here.`)
}
