import { describe, expect, test } from 'vitest'
import { type CreateOptions, createOpenAI } from '../../src/client/openai.ts'
import { checkedModel } from '../../src/core/checked.ts'
import type {
  AppendOptions,
  EncodeOptions,
  EvaluateOptions,
  FeedOptions,
  FillInOptions,
  LoadOptions,
  ManyOptions,
  Model,
  PromptOptions,
  Reply,
  SaveOptions,
  SavePartsOptions,
  Session,
  SessionOptions,
  State,
  StateOptions,
  TraceOptions,
} from '../../src/core/protocol.ts'
import type { RestoreOptions } from '../../src/element/types.ts'
import { createEngine, createStore, type EngineOptions, type StoreOptions } from '../../src/engine.ts'
import {
  createWorkerEngine,
  downloadModel,
  type EngineChoice,
  loadModel,
  type ReorderState,
  removeStoredModel,
  reorderState,
  storedModels,
} from '../../src/index.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { scriptedModel } from '../tools/scripted-model.ts'

/** A model of which every call gives what it was called with; `calls` counts them. */
function echo() {
  let calls = 0
  const answer = async (...given: unknown[]) => {
    calls++
    return given
  }
  const give = (part: unknown) => async () => part
  const made =
    (part: object) =>
    async (...given: unknown[]) => {
      calls++
      return { ...part, given }
    }
  const session = { fork: give({}), branch: give({}) } as Record<string, unknown>
  for (const name of ['prompt', 'respond', 'append', 'beamSearch', 'inspect', 'rewind', 'save', 'saveParts'])
    session[name] = answer
  const state = { feed: answer, feedAll: answer, trace: answer, beamSearch: answer, inspect: answer }
  const model = {
    createState: made(state),
    createSession: made(session),
    restoreSession: give(session),
  } as Record<string, unknown>
  for (const name of [
    'encode',
    'decode',
    'feedBatch',
    'generateMany',
    'bestOf',
    'fillIn',
    'evaluate',
    'score',
    'profile',
  ])
    model[name] = answer
  return { model: checkedModel(model as unknown as Model), calls: () => calls }
}

const { model, calls } = echo()
const session = await model.createSession()
const forked = await session.fork()
const state = await model.createState()
const engine = createEngine({ gpu: undefined })
const worker = createWorkerEngine({ worker: new MessageChannel().port1 as unknown as Worker })
const shapes = createOpenAI(scriptedModel({ answer: () => '' }).model)
const conversation = quietConversation()
const done = new AbortController().signal
const told = () => {}
const rows = new Float32Array(4)
const mark = { id: 1, tokens: 0, messages: 0 }
const format = { user: '{text}', assistant: '', end: '', stop: [] }

/** An option object: the call that takes it, every option it has with a value that is right, and values that are wrong. */
interface Case<Options extends object> {
  readonly call: (options: Options) => unknown
  readonly right: Required<Options>
  readonly wrong: { readonly [Name in keyof Required<Options>]: readonly unknown[] }
  /** Options that may not be left out. */
  readonly needed?: Partial<Options>
}

const of = <Options extends object>(one: Case<Options>) => one as unknown as Case<Record<string, unknown>>

const noSignal = [5, {}, { aborted: false }, new AbortController()]
const advice = { missing: 'none', noAdapter: 'none' }
const noCallback = [5, {}, 'told', null]
const noFlag = [1, 'yes', null]
const noText = [5, null, ['a']]
const noIds = [5, 'ids', {}, null]
const noCount = [0, -1, 1.5, '1', Number.NaN, Infinity, null]

const load = {
  right: {
    weights: 'q8',
    device: 'wasm',
    threads: 2,
    preset: 'gpu',
    safe: true,
    headers: { a: 'b' },
    vocabulary: 'vocab.txt',
    token: 'secret',
    hubUrl: 'https://hub.test',
    store: false,
    budgetByteLength: 1,
    evict: 'least-recently-used',
    recoveryMs: 0,
    signal: done,
    onProgress: told,
    onRecovery: told,
  },
  wrong: {
    weights: ['q5', 'F16', 8, null],
    device: ['cpu', 'gpu', true, null],
    threads: noCount,
    preset: ['cpu', 'GPU', true],
    safe: noFlag,
    headers: [5, 'a: b', { a: 1 }, new Headers(), []],
    vocabulary: [5, true, null],
    token: [5, '', null],
    hubUrl: [5, '', null],
    store: noFlag,
    budgetByteLength: [0, -1, Number.NaN, '1', null],
    evict: ['all', true],
    recoveryMs: [-1, Number.NaN, '1', null],
    signal: noSignal,
    onProgress: noCallback,
    onRecovery: noCallback,
  },
} as const satisfies Omit<Case<LoadOptions>, 'call'>

const choice = {
  right: { engine: { loadModel: async () => model }, worker: {} as Worker, workerUrl: '/worker.js' },
  wrong: { engine: [5, {}, null], worker: [5, {}, '/worker.js'], workerUrl: [5, {}, null] },
} as const satisfies Omit<Case<EngineChoice>, 'call'>
const { workerUrl } = choice.wrong

const noThinking = ['on', 'a_bit', 1, null]
const many = {
  right: {
    sampling: { topP: 1 },
    think: 'a bit',
    signal: done,
    onToken: told,
    onThoughts: told,
    prefix: [1, 2],
  },
  wrong: {
    sampling: [5, [], 'greedy', null],
    think: noThinking,
    signal: noSignal,
    onToken: noCallback,
    onThoughts: noCallback,
    prefix: noIds,
  },
} as const

const prompt = {
  right: { ...many.right, onRead: told },
  wrong: { ...many.wrong, onRead: noCallback },
} as const satisfies Omit<Case<PromptOptions>, 'call'>

const feed = {
  right: { chunk: 1, signal: done },
  wrong: { chunk: noCount, signal: noSignal },
} as const satisfies Omit<Case<FeedOptions>, 'call'>

const search = {
  right: { width: 32, steps: 1, lengthPenalty: 0.5, signal: done },
  wrong: {
    width: [...noCount, 33],
    steps: noCount,
    lengthPenalty: [-1, 11, '1', Number.NaN],
    signal: noSignal,
  },
} as const

type PickLoad<Names extends keyof typeof load.right> = Pick<LoadOptions, Names>
const pick = <Names extends keyof typeof load.right>(...names: Names[]) => ({
  right: Object.fromEntries(names.map((name) => [name, load.right[name]])) as unknown as Required<PickLoad<Names>>,
  wrong: Object.fromEntries(names.map((name) => [name, load.wrong[name]])) as unknown as Case<PickLoad<Names>>['wrong'],
})
const download = pick('headers', 'token', 'hubUrl', 'signal', 'onProgress')

/** Calls of the page and of an engine that would do something if they were given what is right. */
const begins: Record<string, Case<Record<string, unknown>>> = {
  loadModel: of<LoadOptions & EngineChoice>({
    call: (options) => loadModel('/m/', options),
    right: { ...load.right, ...choice.right },
    wrong: { ...load.wrong, ...choice.wrong },
  }),
  'WorkerEngine.loadModel': of<LoadOptions>({ call: (options) => worker.loadModel('/m/', options), ...load }),
  'Engine.loadModel': of<LoadOptions>({ call: (options) => engine.loadModel('/m/', options), ...load }),
  'Engine.downloadModel': of<LoadOptions>({ call: (options) => engine.downloadModel('/m/', options), ...load }),
  downloadModel: of<
    PickLoad<'headers' | 'token' | 'hubUrl' | 'signal' | 'onProgress'> & Pick<EngineChoice, 'workerUrl'>
  >({
    call: (options) => downloadModel('/m/', options),
    right: { ...download.right, workerUrl: '/worker.js' },
    wrong: { ...download.wrong, workerUrl },
  }),
  storedModels: of<Pick<EngineChoice, 'workerUrl'>>({
    call: storedModels,
    right: { workerUrl: '/worker.js' },
    wrong: { workerUrl },
  }),
  removeStoredModel: of<Pick<EngineChoice, 'workerUrl'>>({
    call: (options) => removeStoredModel('/m/', options),
    right: { workerUrl: '/worker.js' },
    wrong: { workerUrl },
  }),
  createWorkerEngine: of<Omit<EngineChoice, 'engine'>>({
    call: createWorkerEngine,
    right: { worker: choice.right.worker, workerUrl: '/worker.js' },
    wrong: { worker: choice.wrong.worker, workerUrl },
  }),
  createEngine: of<EngineOptions>({
    call: createEngine,
    right: {
      gpu: undefined,
      fetch,
      device: 'wasm',
      threads: {} as never,
      preset: 'gpu',
      store: {} as never,
      memoryByteLength: 1,
      advice,
    },
    wrong: {
      gpu: [],
      fetch: noCallback,
      threads: [4, true, null],
      device: ['cpu'],
      preset: ['cpu'],
      store: [5, true, null],
      memoryByteLength: [0, '1'],
      advice: [5, true, null],
    },
  }),
  createStore: of<StoreOptions>({
    call: createStore,
    right: { open: async () => ({}) as never, locks: undefined, room: undefined, patience: undefined, now: () => 0 },
    wrong: { open: noCallback, locks: [], room: noCallback, patience: [5, true, null], now: noCallback },
  }),
  reorderState: of<ReorderState>({
    call: (options) =>
      reorderState(
        rows,
        { state: [{ name: 'a', count: 1, initial: 0, about: '' }], config: { C: 4 } } as never,
        options,
      ),
    right: { from: 'a', to: 'a' },
    wrong: { from: [5, null, ['a']], to: [5, null, ['a']] },
  }),
  'chat.completions.create': of<CreateOptions>({
    call: (options) => shapes.chat.completions.create({ messages: [{ role: 'user', content: 'a' }] }, options),
    right: { signal: done },
    wrong: { signal: noSignal },
  }),
  'completions.create': of<CreateOptions>({
    call: (options) => shapes.completions.create({ prompt: 'a' }, options),
    right: { signal: done },
    wrong: { signal: noSignal },
  }),
  'RwkvChatElement.restore': of<RestoreOptions>({
    call: (options) => conversation.restore(undefined, [], options),
    right: { signal: done, onRead: told },
    wrong: { signal: noSignal, onRead: noCallback },
  }),
}

/** Calls of a model, its sessions and its states. */
const asks: Record<string, Case<Record<string, unknown>>> = {
  'model.createSession': of<SessionOptions>({
    call: async (options) => (await model.createSession(options)) as unknown as { given: unknown[] },
    right: {
      system: '',
      promptFormat: format,
      sampling: {},
      shared: true,
      plain: false,
      think: true,
      keepThoughts: true,
      initialState: new Blob(),
    },
    wrong: {
      system: noText,
      promptFormat: [5, 'User', []],
      sampling: [5, []],
      shared: noFlag,
      plain: noFlag,
      think: noThinking,
      keepThoughts: noFlag,
      initialState: [5, null],
    },
  }),
  'model.createState': of<StateOptions>({
    call: async (options) => (await model.createState(options)) as unknown as { given: unknown[] },
    right: { initialState: 'state.pth' },
    wrong: { initialState: [5, null] },
  }),
  'model.generateMany': of<ManyOptions>({
    call: (options) => model.generateMany(['a'], options),
    right: { ...many.right, system: 'S' },
    wrong: { ...many.wrong, system: noText },
  }),
  'model.bestOf': of<Omit<ManyOptions, 'system'>>({
    call: (options) => model.bestOf({ session, n: 1 }, options),
    ...many,
  }),
  'model.fillIn': of<FillInOptions>({
    call: (options) => model.fillIn('a', 'b', options),
    right: { sampling: {}, signal: done, onToken: told },
    wrong: { sampling: prompt.wrong.sampling, signal: noSignal, onToken: noCallback },
  }),
  'model.feedBatch': of<FeedOptions>({ call: (options) => model.feedBatch([{ state, ids: [1] }], options), ...feed }),
  'model.encode': of<EncodeOptions>({
    call: (options) => model.encode('a', options),
    right: { special: false },
    wrong: { special: noFlag },
  }),
  'model.evaluate': of<EvaluateOptions>({
    call: (options) => model.evaluate('a', options),
    right: { signal: done, onProgress: told, logprobs: true },
    wrong: { signal: noSignal, onProgress: noCallback, logprobs: noFlag },
  }),
  'model.score': of<Pick<EvaluateOptions, 'signal'>>({
    call: (options) => model.score('a', [1], options),
    right: { signal: done },
    wrong: { signal: noSignal },
  }),
  'model.profile': of<NonNullable<Parameters<Model['profile']>[0]>>({
    call: (options) => model.profile(options),
    right: { tokens: 256 },
    wrong: { tokens: [...noCount, 257] },
  }),
  'session.prompt': of<PromptOptions>({ call: (options) => session.prompt('a', options), ...prompt }),
  'session.respond': of<PromptOptions>({ call: (options) => session.respond(options), ...prompt }),
  'session.append': of<AppendOptions>({
    call: (options) => session.append('a', options),
    right: { role: 'assistant', think: 'a lot', signal: done },
    wrong: { role: ['system', '', null, 1], think: noThinking, signal: noSignal },
  }),
  'session.beamSearch': of<Parameters<Session['beamSearch']>[1]>({
    call: (options) => session.beamSearch(undefined, options),
    right: { ...search.right, stop: ['a'] },
    wrong: { ...search.wrong, stop: ['a', [''], [1], null] },
    needed: { width: 1, steps: 1 },
  }),
  'session.inspect': of<NonNullable<Parameters<Session['inspect']>[0]>>({
    call: (options) => session.inspect(options),
    right: { since: mark },
    wrong: { since: [5, {}, null, { id: 'a' }] },
    needed: { since: mark },
  }),
  'session.save': of<SaveOptions>({
    call: (options) => session.save(options),
    right: { marks: Infinity, precision: 'f16', notes: '' },
    wrong: { marks: [-1, 1.5, '1', Number.NaN, null], precision: ['f64', 16, null], notes: [{}, 1, null] },
  }),
  'session.saveParts': of<SavePartsOptions>({
    call: (options) => session.saveParts(options),
    right: { marks: 0, precision: 'f32', known: ['a'], notes: 'mine' },
    wrong: { marks: [-1, null], precision: ['f64', null], known: ['a', [1], null], notes: [{}, null] },
  }),
  'state.feed': of<FeedOptions>({ call: (options) => state.feed([1], options), ...feed }),
  'state.feedAll': of<FeedOptions>({ call: (options) => state.feedAll([1], options), ...feed }),
  'state.trace': of<TraceOptions>({
    call: (options) => state.trace([1], options),
    right: { ...feed.right, layers: [0], of: ['k'] },
    wrong: { ...feed.wrong, layers: [5, [-1], [1.5], null], of: [5, 'k', [1], null] },
  }),
  'state.beamSearch': of<Parameters<State['beamSearch']>[0]>({
    call: (options) => state.beamSearch(options),
    right: { ...search.right, stopIds: [1] },
    wrong: { ...search.wrong, stopIds: noIds },
    needed: { width: 1, steps: 1 },
  }),
  'state.inspect': of<NonNullable<Parameters<State['inspect']>[0]>>({
    call: (options) => state.inspect(options),
    right: { since: rows, tokens: 0 },
    wrong: { since: [], tokens: [-1, 1.5, '1', null] },
    needed: { since: rows, tokens: 0 },
  }),
}

/** What a call that refuses throws, rejects with, or ends its reply with. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    const given = (await call()) as Partial<Reply>
    await given?.summary
    return given
  } catch (error) {
    return error
  }
}

const refused = (message: RegExp) =>
  expect.objectContaining({ name: 'RwkvError', code: 'option/invalid', message: expect.stringMatching(message) })

describe.each(Object.entries({ ...begins, ...asks }))('the options of %s', (_name, { call, wrong, needed = {} }) => {
  test('are an object', async () => {
    for (const value of [null, 5, 'x', true, [], new Map()])
      expect(await refusalOf(() => call(value as never))).toEqual(refused(/options is .*; expected an object\.$/))
  })

  test('of a name that there is not are refused by it', async () => {
    for (const name of ['wieghts', 'Signal', 'toString', '__proto__x'])
      expect(await refusalOf(() => call({ ...needed, [name]: 1 }))).toEqual(
        refused(new RegExp(`option ${name}\\. Expected `)),
      )
  })

  test.each(Object.entries(wrong))('%s is not what is of another kind', async (name, values) => {
    for (const value of values)
      expect(await refusalOf(() => call({ ...needed, [name]: value }))).toEqual(
        refused(new RegExp(`^${name} is .*; expected `)),
      )
  })

  test('that throw when they are looked at are refused by name', async () => {
    for (const name of Object.keys(wrong)) {
      const trap = Object.defineProperty({ ...needed }, name, {
        enumerable: true,
        get() {
          throw new Error('a trap')
        },
      })
      expect(await refusalOf(() => call(trap))).toEqual(refused(new RegExp(`^${name} cannot be read: a trap`)))
    }
  })

  test.each(Object.keys(needed))('%s cannot be left out', async (name) => {
    const { [name]: _, ...rest } = needed as Record<string, unknown>
    expect(await refusalOf(() => call(rest))).toEqual(refused(new RegExp(`^${name} is undefined; expected `)))
  })
})

test.each(Object.entries(asks))(
  '%s gets what is right as it was given, what is undefined counts as left out',
  async (_, { call, right, needed = {} }) => {
    const before = calls()
    const optionsOf = async (options: object) => {
      const given = (await call(options as Record<string, unknown>)) as unknown[] | { readonly given: unknown[] }
      return (Array.isArray(given) ? given : given.given).at(-1)
    }
    expect(await optionsOf(right)).toEqual(right)
    const nothing = Object.fromEntries(Object.keys(right).map((name) => [name, undefined]))
    expect(await optionsOf({ ...nothing, ...needed })).toEqual(needed)
    expect(calls()).toBe(before + 2)
  },
)

const arguments_: [string, (value: never) => unknown, readonly unknown[]][] = [
  ['model.encode', (value) => model.encode(value), [5, null, undefined, ['a']]],
  ['model.decode', (value) => model.decode(value), noIds],
  ['model.evaluate', (value) => model.evaluate(value), [5, null, {}]],
  ['model.score', (value) => model.score('a', value), [5, null, {}]],
  ['model.feedBatch', (value) => model.feedBatch(value), [5, null, {}, [1], [{ ids: [1] }], [{ state, ids: 1 }]]],
  ['model.generateMany', (value) => model.generateMany(value), [5, null, 'a', [1], {}, { session }, { session, n: 0 }]],
  ['model.bestOf', (value) => model.bestOf(value), [['a'], { session, n: 1.5 }, { session, n: 1, promt: 'a' }]],
  ['model.fillIn', (value) => model.fillIn(value, ''), noText],
  ['model.fillIn', (value) => model.fillIn('', value), noText],
  ['session.prompt', (value) => session.prompt(value), noText],
  ['session.append', (value) => session.append(value), noText],
  ['session.beamSearch', (value) => session.beamSearch(value, { width: 1, steps: 1 }), noText],
  ['session.rewind', (value) => session.rewind(value), [5, null, undefined, {}, { id: 'a' }]],
  ['session.branch', (value) => session.branch(value), [5, null, undefined, {}]],
  ['state.feed', (value) => state.feed(value), noIds],
  ['state.feedAll', (value) => state.feedAll(value), noIds],
  ['state.trace', (value) => state.trace(value), noIds],
]

test.each(arguments_)('%s refuses an argument of another kind by name', async (_, call, values) => {
  const before = calls()
  for (const value of values) expect(await refusalOf(() => call(value as never))).toEqual(refused(/ is .*; expected /))
  expect(calls()).toBe(before)
})

test('what is made of a session judges too', async () => {
  for (const made of [forked, await session.branch(mark), await model.restoreSession(new Uint8Array())])
    expect(await refusalOf(() => made.rewind(5 as never))).toEqual(refused(/^The mark is 5; expected /))
})
