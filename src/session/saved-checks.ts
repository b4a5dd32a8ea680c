/** @file What the readers of saved sessions, of whatever version, have in common: nothing is believed before it is checked. */

import { thinking } from '../core/checked.ts'
import type { RwkvError } from '../core/errors.ts'
import { fits } from '../core/kinds.ts'
import type { Message, ModelInfo, PromptFormat, SamplingOptions, Thinking } from '../core/protocol.ts'
import { stateShape } from '../core/state-order.ts'
import { checksumOf } from '../file/checksum.ts'
import type { SafetensorsCheckpoint } from '../file/safetensors.ts'
import { type Dtype, decodeFloats } from '../file/tensor.ts'
import { resolveSampling } from '../sample/options.ts'
import { isPromptFormat } from '../text/prompt-format.ts'
import type { Conversation, Seen } from './conversation.ts'

/** A session outside the GPU. */
export interface SavedSession {
  readonly conversation: Conversation
  readonly sampling: SamplingOptions
  readonly isPlain: boolean
  readonly think: Thinking
  readonly keepsThoughts: boolean
  readonly promptFormat: PromptFormat
  readonly marks: readonly SavedMark[]
  /** f32 (L, R, C) of the conversation and of marks, by what they have seen; some may be missing if the ids are known. */
  readonly states: ReadonlyMap<Seen, Float32Array<ArrayBuffer>>
}

/** A mark of a saved session. */
export interface SavedMark {
  readonly id: number
  readonly automatic: boolean
  readonly conversation: Conversation
}

/** A saved file, opened, and how to say what is wrong with it. */
export interface OpenedFile {
  readonly file: SafetensorsCheckpoint
  /** Of the whole file. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** States beside it, by their names: see `SavedParts`. */
  readonly apart: ReadonlyMap<string, Uint8Array>
  readonly info: ModelInfo
  readonly refuse: (found: string, cause?: unknown) => RwkvError
}

/** The values of a tensor of states, finite ones; `count` is its shape in front of that of a state. */
export function statesIn({ file, bytes, info, refuse }: OpenedFile, name: string, count: readonly number[] = []) {
  const expected = [...count, ...stateShape(info)]
  const tensor = file.tensors.get(name)
  if (!tensor || tensor.shape.join() !== expected.join()) throw refuse(`the state ${name} is missing`)
  const values = decodeFloats(bytes.subarray(tensor.offset, tensor.offset + tensor.byteLength), tensor.dtype)
  if (!values.every(Number.isFinite)) throw refuse(`the state ${name} holds values that are not finite`)
  return values
}

/** The values of a state that lies beside the file; undefined if it is not there, or not what its name says. */
export function stateApart({ apart, info }: OpenedFile, name: string): Float32Array<ArrayBuffer> | undefined {
  const bytes = apart.get(name)?.slice()
  const floats = stateShape(info).reduce((product, size) => product * size, 1)
  const dtype = bytes && DTYPES.get(bytes.length / floats)
  if (!bytes || !dtype || checksumOf(bytes) !== name) return undefined
  const values = decodeFloats(bytes, dtype)
  return values.every(Number.isFinite) ? values : undefined
}

/** By the bytes of a number. */
const DTYPES: ReadonlyMap<number, Dtype> = new Map([
  [4, 'F32'],
  [2, 'F16'],
])

/** What a session was made with, as it was written. */
export interface SavedSettings {
  readonly sampling: SamplingOptions
  readonly isPlain?: boolean
  readonly think?: Thinking
  readonly keepsThoughts?: boolean
  readonly promptFormat?: PromptFormat
}

/** The same, checked. @throws TypeError, RwkvError `option/invalid` */
export function settingsOf({ sampling, isPlain, think = false, keepsThoughts, promptFormat }: SavedSettings) {
  if (!isPromptFormat(promptFormat)) throw new TypeError('its prompt format')
  if (!fits(thinking, think)) throw new TypeError('how it thinks')
  const settings = { sampling: resolveSampling(sampling), isPlain: isPlain === true, promptFormat }
  return { ...settings, think, keepsThoughts: keepsThoughts === true }
}

/** @throws TypeError where there is none at this place yet */
export function partOf<Part>(parts: readonly Part[], place: number): Part {
  const part = parts[place]
  if (!part) throw new TypeError(`part ${place} of a list, before which it should stand`)
  return part
}

/** @throws TypeError */
export function distinct(marks: readonly SavedMark[]): readonly SavedMark[] {
  if (new Set(marks.map(({ id }) => id)).size < marks.length) throw new TypeError('two marks of one id')
  return marks
}

const ROLES: readonly unknown[] = ['text', 'user', 'assistant'] satisfies Message['role'][]

/** What of it is ours. @throws TypeError */
export function checkMessage(message: Message | undefined, V: number): Message {
  if (!message || !ROLES.includes(message.role) || typeof message.text !== 'string')
    throw new TypeError('a message without role or text')
  const { role, text, ids, thoughts, before } = message
  if (thoughts && typeof thoughts.text !== 'string') throw new TypeError('thoughts without text')
  const mark = { id: checkCount(before.id), tokens: checkCount(before.tokens), messages: checkCount(before.messages) }
  const thought = thoughts && { thoughts: { text: thoughts.text, tokens: checkCount(thoughts.tokens) } }
  return { role, text, ids: checkIds(ids, V), ...thought, before: mark }
}

/** @throws TypeError for an id outside the vocabulary */
export function checkIds(ids: readonly number[], V: number): readonly number[] {
  if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < V)) throw new TypeError('ids outside the vocabulary')
  return ids
}

/** @throws TypeError for anything but a whole number from 0 to 2^53 - 1 */
export function checkCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`${String(count)} in place of a whole number`)
  return count
}
