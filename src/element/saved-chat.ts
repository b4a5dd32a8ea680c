/**
 * @file A conversation as bytes, as `<rwkv-chat>.save()` gives it out: a saved session, with what is shown as its notes, in
 * JSON (`Shown`). It used to be a file of its own, which still opens: the 8 ASCII bytes `RWKVCHAT`, the byte length of the
 * JSON as a little-endian u32, the JSON, the session.
 */

import { RwkvError } from '../core/errors.ts'
import type { Thoughts } from '../core/protocol.ts'
import { savedNotes } from '../core/saved-notes.ts'
import type { ChatMessage, ReplyCost } from './types.ts'

/** A message, and what it cost if it is a reply whose cost is known. */
export interface SavedMessage extends ChatMessage {
  readonly cost?: ReplyCost
}

/** What is shown of a conversation. */
interface Shown {
  /** Name of the model that spoke, for messages. */
  readonly model: string
  readonly messages: readonly SavedMessage[]
}

/** A saved conversation, taken apart. */
export interface SavedChat extends Shown {
  /** From `Session.save()`. */
  readonly session: Uint8Array<ArrayBuffer>
}

/** The notes with which the session of a conversation is saved. */
export function notesOf({ model, messages }: Shown): string {
  return JSON.stringify({ version: 1, model, messages })
}

/**
 * What was saved with such notes; copies what it keeps.
 * @throws RwkvError `option/invalid` for anything else.
 */
export function decodeChat(bytes: Uint8Array): SavedChat {
  const isOld = String.fromCharCode(...bytes.subarray(0, OLD.length)) === OLD
  try {
    return isOld ? decodeOld(bytes) : { ...parseNotes(savedNotes(bytes)), session: bytes.slice() }
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new RwkvError(
      'option/invalid',
      `This is not a saved conversation, as <rwkv-chat>.save() gives it. ${found}`,
      { cause },
    )
  }
}

const OLD = 'RWKVCHAT'

function decodeOld(bytes: Uint8Array): SavedChat {
  const start = OLD.length + 4
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(OLD.length, true)
  if (bytes.length < start + length) throw new RangeError(`It breaks off after ${bytes.length} bytes.`)
  const json = bytes.subarray(start, start + length)
  const notes = new TextDecoder('utf-8', { fatal: true }).decode(json)
  return { ...parseNotes(notes), session: bytes.slice(start + length) }
}

/** @throws SyntaxError, TypeError */
function parseNotes(notes = 'null'): Shown {
  const shown: unknown = JSON.parse(notes)
  if (!isShown(shown)) throw new TypeError('Its notes are not those of a conversation of version 1.')
  return { model: shown.model, messages: shown.messages }
}

function isShown(value: unknown): value is Shown {
  if (typeof value !== 'object' || value === null) return false
  const { version, model, messages } = value as Record<string, unknown>
  return version === 1 && typeof model === 'string' && Array.isArray(messages) && messages.every(isMessage)
}

function isMessage(value: unknown): value is SavedMessage {
  if (typeof value !== 'object' || value === null) return false
  const { role, text, attachments = [], thoughts, cost } = value as Record<string, unknown>
  const isSaid = (role === 'user' || role === 'assistant') && typeof text === 'string'
  const areAttached = Array.isArray(attachments) && attachments.every(isAttached)
  return (
    isSaid && areAttached && (thoughts === undefined || isThoughts(thoughts)) && (cost === undefined || isCost(cost))
  )
}

function isAttached(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, length } = value as Record<string, unknown>
  return (name === undefined || typeof name === 'string') && typeof length === 'number'
}

function isThoughts(value: unknown): value is Thoughts {
  if (typeof value !== 'object' || value === null) return false
  const { text, tokens } = value as Record<string, unknown>
  return typeof text === 'string' && typeof tokens === 'number'
}

function isCost(value: unknown): value is ReplyCost {
  if (typeof value !== 'object' || value === null) return false
  const { finishReason, ...numbers } = value as Record<string, unknown>
  return (
    ['stop', 'length', 'abort'].includes(String(finishReason)) &&
    ['tokens', 'promptMs', 'tokensPerSecond'].every((name) => typeof numbers[name] === 'number')
  )
}
