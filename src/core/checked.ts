/**
 * @file The public objects with their calls judged first: whatever a caller gives that is not what it should be is refused
 * by its name as `option/invalid`, on the page and by an engine alike. What depends on a model, such as the range of its
 * ids, and what is in `sampling` and `promptFormat`, is judged by the engine.
 */

import {
  address,
  anything,
  callback,
  checkOptions,
  either,
  fits,
  flag,
  isObject,
  type Kind,
  kind,
  list,
  number,
  object,
  oneOf,
  refusal,
  shape,
  signal,
  string,
  type Table,
  text,
  whole,
} from './kinds.ts'
import type {
  AppendOptions,
  BatchEntry,
  EncodeOptions,
  EvaluateOptions,
  FeedOptions,
  FillInOptions,
  LoadOptions,
  ManyOptions,
  Model,
  PromptOptions,
  SamplesOf,
  SaveOptions,
  SavePartsOptions,
  Session,
  SessionOptions,
  State,
  StateOptions,
  TraceOptions,
} from './protocol.ts'
import { createReply } from './reply.ts'

/** Whether the model has them is judged by the engine. */
const ids = kind('a list of ids', (value) => Array.isArray(value) || ArrayBuffer.isView(value))
/** See `Thinking`. */
export const thinking = either(flag, oneOf('a bit', 'a lot'))
const textOrIds = either(string, ids)
const mark = kind('a mark of a session', (value) => Number.isInteger((value as { id?: unknown } | null)?.id))

/** What it is shows when it is opened. */
const file = kind(
  'an address or a File',
  (value) => address.accepts(value) || (typeof value === 'object' && value !== null),
)

/** See `LoadOptions`. */
export const loadOptions: Table<LoadOptions> = {
  weights: oneOf('auto', 'f32', 'f16', 'bf16', 'q8', 'q4'),
  device: oneOf('auto', 'webgpu', 'wasm'),
  threads: whole(1),
  preset: oneOf('software', 'gpu'),
  safe: flag,
  headers: kind('an object of texts', (value) => isObject(value) && Object.values(value).every(string.accepts)),
  vocabulary: file,
  token: text,
  hubUrl: text,
  store: flag,
  budgetByteLength: kind('a number above 0', (value) => typeof value === 'number' && value > 0),
  evict: oneOf('least-recently-used'),
  recoveryMs: kind('a number of milliseconds, 0 or more', (value) => typeof value === 'number' && value >= 0),
  signal,
  onProgress: callback,
  onRecovery: callback,
}

const replyOptions = {
  sampling: object,
  think: thinking,
  signal,
  onToken: callback,
  onThoughts: callback,
  prefix: ids,
}
const promptOptions: Table<PromptOptions> = { ...replyOptions, onRead: callback }
const fillInOptions: Table<FillInOptions> = { sampling: object, signal, onToken: callback }
const bestOptions: Table<Omit<ManyOptions, 'system'>> = replyOptions
const manyOptions: Table<ManyOptions> = { ...replyOptions, system: string }
const samplesOf = shape<SamplesOf>({ session: object, prompt: string, n: whole(1) }, 'prompt')
const stateOptions: Table<StateOptions> = { initialState: file }
const sessionOptions: Table<SessionOptions> = {
  ...stateOptions,
  system: string,
  promptFormat: object,
  sampling: object,
  shared: flag,
  plain: flag,
  think: thinking,
  keepThoughts: flag,
}
const appendOptions: Table<AppendOptions> = { role: oneOf('text', 'user', 'assistant'), think: thinking, signal }
const saveOptions: Table<SaveOptions> = {
  marks: either(
    whole(0),
    kind('Infinity', (value) => value === Infinity),
  ),
  precision: oneOf('f32', 'f16'),
  notes: string,
}
const savePartsOptions: Table<SavePartsOptions> = { ...saveOptions, known: list(string) }
const encodeOptions: Table<EncodeOptions> = { special: flag }
const evaluateOptions: Table<EvaluateOptions> = { signal, onProgress: callback, logprobs: flag }
const feedOptions: Table<FeedOptions> = { chunk: whole(1), signal }
const traceOptions: Table<TraceOptions> = { ...feedOptions, layers: list(whole(0)), of: list(string) }
const beamOptions = { width: whole(1, 32), steps: whole(1), lengthPenalty: number(0, 10), signal }
const sessionBeamOptions: Table<Parameters<Session['beamSearch']>[1]> = { ...beamOptions, stop: list(text) }
const stateBeamOptions: Table<Parameters<State['beamSearch']>[0]> = { ...beamOptions, stopIds: ids }

/** Judges one argument of a call; gives what the call gets. */
export type Judge = (value: unknown) => unknown

/** What an argument must be. */
export const one =
  (name: string, expected: Kind): Judge =>
  (value) => {
    if (fits(expected, value)) return value
    throw refusal(name, value, expected)
  }

/** Options of a call; those that are `needed` may not be left out. */
export const options =
  <T extends object>(what: string, table: Table<T>, ...needed: readonly (keyof T & string)[]): Judge =>
  (value) => {
    const checked = checkOptions(what, table, value)
    for (const name of needed) if (!Object.hasOwn(checked, name)) throw refusal(name, undefined, table[name])
    return checked
  }

const orLeftOut =
  (judge: Judge): Judge =>
  (value) =>
    value === undefined ? value : judge(value)

/** What a method takes, and what becomes of what it gives. */
export interface Method {
  readonly takes: readonly Judge[]
  readonly gives?: (result: never) => unknown
}

/** `target` itself, whose methods judge what they are given first; what is refused is what they reject with. */
export function checked<T extends object>(
  target: T,
  methods: { readonly [Name in keyof T]?: Method },
  replies: readonly (keyof T)[] = [],
): T {
  for (const name of Object.keys(methods) as (keyof T)[]) {
    const { takes, gives } = methods[name] as Method
    const call = target[name] as (...given: unknown[]) => Promise<never>
    const judged = (...given: unknown[]) => {
      try {
        const taken = takes.map((judge, place) => judge(given[place]))
        const result = call(...taken)
        return gives ? result.then(gives) : result
      } catch (error) {
        return replies.includes(name) ? createReply(() => Promise.reject(error)) : Promise.reject(error)
      }
    }
    Object.assign(target, { [name]: judged })
  }
  return target
}

const prompting = options('prompt', promptOptions)

/** A session that judges what it is given, as do those made of it. */
export function checkedSession(session: Session): Session {
  return checked(
    session,
    {
      prompt: { takes: [one('text', string), prompting] },
      respond: { takes: [prompting] },
      append: { takes: [one('text', string), options('append', appendOptions)] },
      beamSearch: {
        takes: [orLeftOut(one('text', string)), options('beam search', sessionBeamOptions, 'width', 'steps')],
      },
      inspect: { takes: [orLeftOut(options('inspect', { since: mark }, 'since'))] },
      rewind: { takes: [one('The mark', mark)] },
      branch: { takes: [one('The mark', mark)], gives: checkedSession },
      fork: { takes: [], gives: checkedSession },
      save: { takes: [options('save', saveOptions)] },
      saveParts: { takes: [options('save', savePartsOptions)] },
    },
    ['prompt', 'respond'],
  )
}

function checkedState(state: State): State {
  const feeding = [one('ids', ids), options('feed', feedOptions)]
  return checked(state, {
    feed: { takes: feeding },
    feedAll: { takes: feeding },
    trace: { takes: [one('ids', ids), options('trace', traceOptions)] },
    beamSearch: { takes: [options('beam search', stateBeamOptions, 'width', 'steps')] },
    inspect: {
      takes: [orLeftOut(options('inspect', { since: anything, tokens: whole(0) }, 'since', 'tokens'))],
    },
  })
}

/** A model that judges what it is given, as do its sessions and states. */
export function checkedModel(model: Model): Model {
  return checked(
    model,
    {
      encode: { takes: [one('text', string), options('encode', encodeOptions)] },
      decode: { takes: [one('ids', ids)] },
      createState: { takes: [options('state', stateOptions)], gives: checkedState },
      feedBatch: {
        takes: [one('batch', list(shape<BatchEntry>({ state: object, ids }))), options('feed', feedOptions)],
      },
      generateMany: {
        takes: [one('What is answered', either(list(string), samplesOf)), options('prompt', manyOptions)],
      },
      bestOf: { takes: [one('What is answered', samplesOf), options('prompt', bestOptions)] },
      fillIn: { takes: [one('prefix', string), one('suffix', string), options('fill in', fillInOptions)] },
      createSession: { takes: [options('session', sessionOptions)], gives: checkedSession },
      restoreSession: { takes: [one('saved', anything)], gives: checkedSession },
      evaluate: { takes: [one('text', textOrIds), options('evaluate', evaluateOptions)] },
      score: {
        takes: [one('context', textOrIds), one('continuation', textOrIds), options('score', { signal })],
      },
      profile: { takes: [options('profile', { tokens: whole(1, 256) })] },
    },
    ['fillIn'],
  )
}
