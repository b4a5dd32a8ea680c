/**
 * @file Sessions as bytes: a safetensors file. Its tensors are `state` (L, R, C), the states of marks as `marks`
 * (M, L, R, C), in F32 or F16, and the JSON of the rest as U8, `session` (`Written`); its metadata say whose it is and name
 * the R rows. Tensors of other names are let be. Lists that grow are written as they are kept: each part once, with the
 * number of the part before it. Only sizes stand in the header, so it is as short for a conversation of any length.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { Message, ModelInfo, PromptFormat, SamplingOptions } from '../core/protocol.ts'
import { stateRows, stateShape } from '../core/state-order.ts'
import { createByteSource } from '../file/byte-source.ts'
import { checksumOf } from '../file/checksum.ts'
import { openSafetensors, type SafetensorsCheckpoint } from '../file/safetensors.ts'
import { type TensorToWrite, writeSafetensors } from '../file/safetensors-write.ts'
import { decodeFloats } from '../file/tensor.ts'
import { resolveSampling } from '../sample/options.ts'
import { isPromptFormat } from '../text/prompt-format.ts'
import { type Conversation, nothingSeen, type Said, type Seen, seenAfter, unknownSeen } from './conversation.ts'

/** A session outside the GPU. */
export interface SavedSession {
  readonly conversation: Conversation
  readonly sampling: SamplingOptions
  readonly isPlain: boolean
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

const FORMAT = 'rwkv.js session'
const VERSION = '2'

/** A moment; `seen` and `said` are places in the lists, -1 for nothing said. */
interface WrittenMoment {
  readonly seen: number
  readonly said: number
  readonly pending: readonly number[]
  readonly reused: number
  readonly replies: number
}

/** The JSON. */
interface Written {
  /** The place of the part before, and ids; of a beginning -1, no ids, and how many are not known any more. */
  readonly seen: readonly (readonly [number, readonly number[], number?])[]
  /** The place of the message before, and the message. */
  readonly said: readonly (readonly [number, Message])[]
  readonly now: WrittenMoment
  readonly marks: readonly (WrittenMoment & { readonly id: number; readonly automatic: boolean })[]
  /** What the states in `marks` have seen, as places in `seen`. */
  readonly kept: readonly number[]
  readonly sampling: SamplingOptions
  readonly isPlain: boolean
  readonly promptFormat: PromptFormat
}

/** The bytes of a session of the model that `info` describes, with the prompt format that it has there. */
export function writeSession(
  { conversation, marks, states, ...rest }: Omit<SavedSession, 'promptFormat'>,
  info: ModelInfo,
): Uint8Array<ArrayBuffer> {
  const seen = createList<Seen>()
  const said = createList<Said>()
  const momentOf = ({ pending, reused, replies, ...moment }: Conversation): WrittenMoment => ({
    seen: seen.place(moment.seen),
    said: said.place(moment.said),
    pending,
    reused,
    replies,
  })
  const now = momentOf(conversation)
  const writtenMarks = marks.map(({ id, automatic, ...mark }) => ({ id, automatic, ...momentOf(mark.conversation) }))
  const others = [...states].filter(([of]) => of !== conversation.seen)
  const written: Written = {
    seen: seen.parts.map(({ before, ids, length, hash }) =>
      before || hash !== undefined ? [seen.place(before), ids] : [-1, [], length],
    ),
    said: said.parts.map(({ before, message }) => [said.place(before), message]),
    now,
    marks: writtenMarks,
    kept: others.map(([of]) => seen.place(of)),
    promptFormat: info.promptFormat,
    ...rest,
  }
  const shape = stateShape(info)
  const state = states.get(conversation.seen)
  const tensors: TensorToWrite[] = []
  if (state) tensors.push({ name: 'state', shape, values: [state] })
  if (others.length > 0)
    tensors.push({ name: 'marks', shape: [others.length, ...shape], values: others.map(([, rows]) => rows) })
  const json = new TextEncoder().encode(JSON.stringify(written))
  tensors.push({ name: 'session', shape: [json.length], values: [json] })
  return writeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    model: info.name,
    fingerprint: info.fingerprint,
    rows: stateRows(info),
    tokens: String(conversation.seen.length),
  })
}

/** Numbers the parts of lists that share their beginnings, each after the one before it. */
function createList<Part extends { readonly before: Part | undefined }>() {
  const places = new Map<Part, number>()
  const parts: Part[] = []
  return {
    parts,
    place(last: Part | undefined): number {
      const fresh: Part[] = []
      for (let part = last; part && !places.has(part); part = part.before) fresh.push(part)
      for (const part of fresh.reverse()) places.set(part, parts.push(part) - 1)
      return last ? (places.get(last) as number) : -1
    },
  }
}

/** A saved file, opened, and how to say what is wrong with it. */
interface OpenedFile {
  readonly file: SafetensorsCheckpoint
  /** Of the whole file. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly info: ModelInfo
  readonly refuse: (found: string, cause?: unknown) => RwkvError
}

/**
 * A session from its bytes.
 * @throws RwkvError `session/saved` if they are damaged, of a later version, or of another model.
 */
export async function readSession(saved: Uint8Array, info: ModelInfo): Promise<SavedSession> {
  const refuse = (found: string, cause?: unknown) =>
    new RwkvError('session/saved', `These bytes are not a session that can continue here: ${found}.`, { cause })
  const bytes = Uint8Array.from(saved)
  const source = createByteSource('saved session', bytes)
  // Version 1 had all in its header: of a long conversation it is long.
  const file = await openSafetensors(source, { headerCapByteLength: bytes.length }).catch((cause: unknown) => {
    throw refuse(`${cause instanceof Error ? cause.message : String(cause)} Take a file made by session.save()`, cause)
  })
  const meta = (name: string) => file.metadata.get(name) ?? ''
  if (meta('format') !== FORMAT) throw refuse(`they are safetensors, but not of a session of rwkv.js`)
  const read = READERS.get(meta('version'))
  if (!read) {
    const known = [...READERS.keys()].join(' and ')
    throw refuse(`they are of version ${meta('version')}, this rwkv.js reads versions ${known}`)
  }
  if (meta('fingerprint') !== info.fingerprint)
    throw refuse(`they belong to the model ${meta('model')}, loaded is ${info.name}, whose weights are others`)
  if (meta('rows') !== stateRows(info))
    throw refuse(`their states have the rows ${meta('rows')}, those of this model have ${stateRows(info)}`)
  try {
    return read({ file, bytes, info, refuse })
  } catch (error) {
    if (isRwkvError(error, 'session/saved')) throw error
    throw refuse(`what they say of the session is damaged (${error instanceof Error ? error.message : error})`, error)
  }
}

function readVersion2({ file, bytes, info, refuse }: OpenedFile): SavedSession {
  const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
  if (checksumOf(bytes.slice(header)) !== file.metadata.get('checksum'))
    throw refuse('they are damaged: their checksum is another')
  const json = file.unreadable.get('session')
  if (!json) throw refuse('they have no tensor named session')
  const text = new TextDecoder('utf-8', { fatal: true }).decode(
    bytes.subarray(json.offset, json.offset + json.byteLength),
  )
  const written = JSON.parse(text) as Written
  const seen: Seen[] = []
  for (const [before, ids, unknown = 0] of written.seen) {
    if (before === -1) seen.push(unknown === 0 ? nothingSeen : unknownSeen(checkCount(unknown)))
    else seen.push(seenAfter(partOf(seen, before), checkIds(ids, info.config.V)))
  }
  const said: Said[] = []
  for (const [place, message] of written.said)
    said.push(saidAfter(place === -1 ? undefined : partOf(said, place), checkMessage(message, info.config.V)))
  const momentOf = (moment: WrittenMoment): Conversation => ({
    seen: partOf(seen, moment.seen),
    said: moment.said === -1 ? undefined : partOf(said, moment.said),
    pending: checkIds(moment.pending, info.config.V),
    reused: checkCount(moment.reused),
    replies: checkCount(moment.replies),
  })
  const conversation = momentOf(written.now)
  const marks = written.marks.map(({ id, automatic, ...moment }) => ({
    id: checkCount(id),
    automatic: automatic === true,
    conversation: momentOf(moment),
  }))
  const states = new Map<Seen, Float32Array<ArrayBuffer>>()
  if (written.kept.length > 0) {
    const all = statesIn({ file, bytes, info, refuse }, 'marks', [written.kept.length])
    const length = all.length / written.kept.length
    for (const [i, place] of written.kept.entries())
      states.set(partOf(seen, place), all.slice(i * length, (i + 1) * length))
  }
  if (file.tensors.has('state')) states.set(conversation.seen, statesIn({ file, bytes, info, refuse }, 'state'))
  for (const { seen } of [conversation, ...marks.map((mark) => mark.conversation)])
    if (seen.hash === undefined && !states.has(seen))
      throw refuse('a state is missing, and the ids it has seen are not known')
  return { conversation, marks: distinct(marks), states, ...settingsOf(written) }
}

/** What version 1 wrote: every moment with a list of its own of places in one list of messages, each state a tensor. */
interface Written1 {
  readonly messages: readonly Message[]
  readonly now: Written1Moment
  readonly marks: readonly (Written1Moment & { readonly id: number; readonly automatic: boolean })[]
  readonly sampling: SamplingOptions
  readonly isPlain?: boolean
  readonly promptFormat?: PromptFormat
}

interface Written1Moment {
  readonly transcript: readonly number[]
  readonly pending: readonly number[]
  readonly tokens: number
  readonly replies: number
}

function readVersion1(opened: OpenedFile): SavedSession {
  const { file, info } = opened
  const written = JSON.parse(file.metadata.get('session') ?? '') as Written1
  const after = new Map<Said | undefined, Map<number, Said>>() // messages by what is before them and their place
  const sharedAfter = (before: Said | undefined, place: number): Said => {
    const known = after.get(before) ?? new Map<number, Said>()
    after.set(before, known)
    const message = known.get(place) ?? saidAfter(before, checkMessage(written.messages[place], info.config.V))
    known.set(place, message)
    return message
  }
  const states = new Map<Seen, Float32Array<ArrayBuffer>>()
  const momentOf = ({ transcript, pending, tokens, replies }: Written1Moment, state: string): Conversation => {
    const seen = unknownSeen(checkCount(tokens))
    states.set(seen, statesIn(opened, state))
    const said = transcript.reduce<Said | undefined>(sharedAfter, undefined)
    return { seen, said, pending: checkIds(pending, info.config.V), reused: 0, replies: checkCount(replies) }
  }
  const marks = written.marks.map(({ id, automatic, ...mark }) => ({
    id: checkCount(id),
    automatic: automatic === true,
    conversation: momentOf(mark, `mark.${id}`),
  }))
  const settings = settingsOf({ ...written, promptFormat: written.promptFormat ?? info.promptFormat })
  return { conversation: momentOf(written.now, 'state'), marks: distinct(marks), states, ...settings }
}

const READERS: ReadonlyMap<string, (opened: OpenedFile) => SavedSession> = new Map([
  ['1', readVersion1],
  [VERSION, readVersion2],
])

/** The values of a tensor of states, finite ones; `count` is its shape in front of that of a state. */
function statesIn({ file, bytes, info, refuse }: OpenedFile, name: string, count: readonly number[] = []) {
  const expected = [...count, ...stateShape(info)]
  const tensor = file.tensors.get(name)
  if (!tensor || tensor.shape.join() !== expected.join()) throw refuse(`the state ${name} is missing`)
  const values = decodeFloats(bytes.subarray(tensor.offset, tensor.offset + tensor.byteLength), tensor.dtype)
  if (!values.every(Number.isFinite)) throw refuse(`the state ${name} holds values that are not finite`)
  return values
}

function settingsOf({ sampling, isPlain, promptFormat }: Pick<Written1, 'sampling' | 'isPlain' | 'promptFormat'>) {
  if (!isPromptFormat(promptFormat)) throw new TypeError('its prompt format')
  return { sampling: resolveSampling(sampling), isPlain: isPlain === true, promptFormat }
}

const saidAfter = (before: Said | undefined, message: Message): Said => ({
  before,
  message,
  count: (before?.count ?? 0) + 1,
})

function partOf<Part>(parts: readonly Part[], place: number): Part {
  const part = parts[place]
  if (!part) throw new TypeError(`part ${place} of a list, before which it should stand`)
  return part
}

function distinct(marks: readonly SavedMark[]): readonly SavedMark[] {
  if (new Set(marks.map(({ id }) => id)).size < marks.length) throw new TypeError('two marks of one id')
  return marks
}

const ROLES: readonly unknown[] = ['text', 'user', 'assistant'] satisfies Message['role'][]

function checkMessage(message: Message | undefined, V: number): Message {
  if (!message || !ROLES.includes(message.role) || typeof message.text !== 'string')
    throw new TypeError('a message without role or text')
  const { role, text, ids, before } = message
  const mark = { id: checkCount(before.id), tokens: checkCount(before.tokens), messages: checkCount(before.messages) }
  return { role, text, ids: checkIds(ids, V), before: mark }
}

function checkIds(ids: readonly number[], V: number): readonly number[] {
  if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < V)) throw new TypeError('ids outside the vocabulary')
  return ids
}

function checkCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`${String(count)} in place of a whole number`)
  return count
}
