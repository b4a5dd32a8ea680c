/**
 * @file A conversation as bytes, as `save()` gives it out: the 8 ASCII bytes `RWKVCHAT`, the header's byte length as a
 * little-endian u32, the header as UTF-8 JSON (`SavedHeader`), and to the end the session as `Session.save()` wrote it.
 */

import { RwkvError } from '../core/errors.ts'
import type { Thoughts } from '../core/protocol.ts'
import type { ChatMessage, ReplyCost } from './types.ts'

/** A message, and what it cost if it is a reply whose cost is known. */
export interface SavedMessage extends ChatMessage {
  readonly cost?: ReplyCost
}

/** The JSON part. */
interface SavedHeader {
  readonly version: 1
  /** Name of the model that spoke, for messages. */
  readonly model: string
  readonly messages: readonly SavedMessage[]
}

/** A saved conversation, taken apart. */
export interface SavedChat {
  readonly model: string
  readonly messages: readonly SavedMessage[]
  /** From `Session.save()`. */
  readonly session: Uint8Array<ArrayBuffer>
}

const MAGIC = 'RWKVCHAT'
const HEADER_START = MAGIC.length + 4

/** One array that holds all of it. */
export function encodeChat({ model, messages, session }: SavedChat): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(JSON.stringify({ version: 1, model, messages } satisfies SavedHeader))
  const bytes = new Uint8Array(HEADER_START + header.length + session.length)
  bytes.set(new TextEncoder().encode(MAGIC))
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true)
  bytes.set(header, HEADER_START)
  bytes.set(session, HEADER_START + header.length)
  return bytes
}

/**
 * The reverse of `encodeChat`; copies what it keeps.
 * @throws RwkvError `option/invalid` for anything else.
 */
export function decodeChat(bytes: Uint8Array): SavedChat {
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length))
  if (bytes.length < HEADER_START || magic !== MAGIC) {
    throw refusal(`found ${bytes.length} bytes that do not begin with ${MAGIC}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = HEADER_START + view.getUint32(MAGIC.length, true)
  if (end > bytes.length) throw refusal(`it breaks off after ${bytes.length} bytes, its header ends at ${end}`)
  const header = parseHeader(bytes.subarray(HEADER_START, end))
  return { model: header.model, messages: header.messages, session: bytes.slice(end) as Uint8Array<ArrayBuffer> }
}

function parseHeader(bytes: Uint8Array): SavedHeader {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw refusal(`its header is not JSON (${String(cause)})`)
  }
  if (isHeader(header)) return header
  throw refusal('its header is not of version 1')
}

function isHeader(value: unknown): value is SavedHeader {
  if (typeof value !== 'object' || value === null) return false
  const { version, model, messages } = value as Record<string, unknown>
  return version === 1 && typeof model === 'string' && Array.isArray(messages) && messages.every(isMessage)
}

function isMessage(value: unknown): value is SavedMessage {
  if (typeof value !== 'object' || value === null) return false
  const { role, text, thoughts, cost } = value as Record<string, unknown>
  const isSaid = (role === 'user' || role === 'assistant') && typeof text === 'string'
  return isSaid && (thoughts === undefined || isThoughts(thoughts)) && (cost === undefined || isCost(cost))
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

function refusal(found: string): RwkvError {
  return new RwkvError('option/invalid', `This is not a saved conversation: ${found}. Give the bytes that save() gave.`)
}
