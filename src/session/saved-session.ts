/**
 * @file Sessions as bytes: a safetensors file. Its tensors are `state` (L, R, C), the states of marks as `marks`
 * (M, L, R, C), in F32 or F16, the JSON of the rest as U8, `session` (`Written`), and the caller's `notes`, if any, as U8;
 * its metadata say whose it is and name the R rows. Tensors of other names are let be. Lists that grow are written as they
 * are kept: each part once, with the number of the part before it. States that lie beside the file have names, their
 * checksums. Only sizes stand in the header, so it is as short for a conversation of any length.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { Message, ModelInfo } from '../core/protocol.ts'
import { NOTES } from '../core/saved-notes.ts'
import { stateRows, stateShape } from '../core/state-order.ts'
import { createByteSource } from '../file/byte-source.ts'
import { checksumOf } from '../file/checksum.ts'
import { openSafetensors } from '../file/safetensors.ts'
import { type TensorToWrite, writeSafetensors } from '../file/safetensors-write.ts'
import {
  type Conversation,
  nothingSeen,
  nothingSeenFrom,
  type Said,
  type Seen,
  saidAfter,
  seenAfter,
  unknownSeen,
} from './conversation.ts'
import {
  checkCount,
  checkIds,
  checkMessage,
  distinct,
  type OpenedFile,
  partOf,
  type SavedSession,
  type SavedSettings,
  settingsOf,
  stateApart,
  statesIn,
} from './saved-checks.ts'
import { readVersion1 } from './saved-version-1.ts'

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
interface Written extends SavedSettings {
  /**
   * The place of the part before, and ids; of a beginning -1, no ids, how many are not known any more, and 1 where it is a
   * start state, which is among the states.
   */
  readonly seen: readonly (readonly [number, readonly number[], number?, number?])[]
  /** The place of the message before, and the message. */
  readonly said: readonly (readonly [number, Message])[]
  readonly now: WrittenMoment
  readonly marks: readonly (WrittenMoment & { readonly id: number; readonly automatic: boolean })[]
  /** What the states in `marks` have seen, as places in `seen`. */
  readonly kept: readonly number[]
  /** States that lie beside the file: what each has seen, as a place in `seen`, and its name. */
  readonly apart?: readonly (readonly [number, string])[]
}

/** (L, R, C) in f32, or the bits of f16. */
export type WrittenState = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>

/** A session and its states as they are to be written, all in one precision. */
interface SessionToWrite extends Omit<SavedSession, 'promptFormat' | 'states'> {
  readonly states: ReadonlyMap<Seen, WrittenState>
  /** Names of those that lie beside the file. */
  readonly apart?: ReadonlyMap<Seen, string>
}

/** The bytes of a session of the model that `info` describes, with the prompt format that it has there, and with `notes`. */
export function writeSession(
  { conversation, marks, states, apart, ...rest }: SessionToWrite,
  info: ModelInfo,
  notes: string | undefined,
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
    seen: seen.parts.map(({ before, ids, length, hash, start }) => {
      if (start) return [-1, [], 0, 1]
      return before || hash !== undefined ? [seen.place(before), ids] : [-1, [], length]
    }),
    said: said.parts.map(({ before, message }) => [said.place(before), message]),
    now,
    marks: writtenMarks,
    kept: others.map(([of]) => seen.place(of)),
    ...(apart && { apart: Array.from(apart, ([of, name]) => [seen.place(of), name] as const) }),
    promptFormat: info.promptFormat,
    ...rest,
  }
  const shape = stateShape(info)
  const state = states.get(conversation.seen)
  const tensors: TensorToWrite[] = []
  if (state) tensors.push({ name: 'state', shape, values: [state] })
  if (others.length > 0)
    tensors.push({ name: 'marks', shape: [others.length, ...shape], values: others.map(([, rows]) => rows) })
  tensors.push(textTensor('session', JSON.stringify(written)))
  if (notes !== undefined) tensors.push(textTensor(NOTES, notes))
  return writeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    model: info.name,
    fingerprint: info.fingerprint,
    rows: stateRows(info),
    tokens: String(conversation.seen.length),
  })
}

function textTensor(name: string, text: string): TensorToWrite {
  const bytes = new TextEncoder().encode(text)
  return { name, shape: [bytes.length], values: [bytes] }
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

/**
 * A session from its bytes, and from the states that lie `apart`; one that is missing or damaged is left out.
 * @throws RwkvError `session/saved` if they are damaged, of a later version, or of another model.
 */
export async function readSession(
  saved: Uint8Array,
  info: ModelInfo,
  apart: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<SavedSession> {
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
    return read({ file, bytes, apart, info, refuse })
  } catch (error) {
    if (isRwkvError(error, 'session/saved')) throw error
    throw refuse(`what they say of the session is damaged (${error instanceof Error ? error.message : error})`, error)
  }
}

function readVersion2(opened: OpenedFile): SavedSession {
  const { file, bytes, info, refuse } = opened
  const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
  if (checksumOf(bytes.slice(header)) !== file.metadata.get('checksum'))
    throw refuse('they are damaged: their checksum is another')
  const json = file.unreadable.get('session')
  if (!json) throw refuse('they have no tensor named session')
  const text = new TextDecoder('utf-8', { fatal: true }).decode(
    bytes.subarray(json.offset, json.offset + json.byteLength),
  )
  const written = JSON.parse(text) as Written
  const others = written.kept.length > 0 ? statesIn(opened, 'marks', [written.kept.length]) : new Float32Array(0)
  const length = others.length / written.kept.length
  const stateAt = (place: number) => others.slice(place * length, (place + 1) * length)
  const state = file.tensors.has('state') ? statesIn(opened, 'state') : undefined
  /** What began with a start state that is missing goes on from the states that are there. */
  const beginningAt = (part: number): Seen => {
    const place = written.kept.indexOf(part)
    const name = written.apart?.find(([of]) => of === part)?.[1]
    const apart = name === undefined ? undefined : stateApart(opened, name)
    const start = place >= 0 ? stateAt(place) : part === written.now.seen ? (state ?? apart) : apart
    return start ? nothingSeenFrom(start) : unknownSeen(0)
  }
  const seen: Seen[] = []
  for (const [before, ids, unknown = 0, isStart = 0] of written.seen) {
    if (before === -1 && isStart) seen.push(beginningAt(seen.length))
    else if (before === -1) seen.push(unknown === 0 ? nothingSeen : unknownSeen(checkCount(unknown)))
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
  for (const [i, part] of written.kept.entries()) states.set(partOf(seen, part), stateAt(i))
  for (const [part, name] of written.apart ?? []) {
    const rows = stateApart(opened, name)
    if (rows) states.set(partOf(seen, part), rows)
  }
  if (state) states.set(conversation.seen, state)
  for (const { seen } of [conversation, ...marks.map((mark) => mark.conversation)])
    if (seen.hash === undefined && !states.has(seen))
      throw refuse('a state is missing, and the ids it has seen are not known')
  return { conversation, marks: distinct(marks), states, ...settingsOf(written) }
}

const READERS: ReadonlyMap<string, (opened: OpenedFile) => SavedSession> = new Map([
  ['1', readVersion1],
  [VERSION, readVersion2],
])
