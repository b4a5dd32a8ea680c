/** @file The page's end of the engine: starts the worker, and gives out the same `Model` interface the engine has. */

import { proxy, type Remote, releaseProxy, transfer, wrap } from 'comlink'
import { checkedModel, loadOptions } from '../core/checked.ts'
import { endsModel, isRwkvError, RwkvError } from '../core/errors.ts'
import { createGuard, type Guard } from '../core/guard.ts'
import { address, checkOptions, kind, type Table } from '../core/kinds.ts'
import { createMany } from '../core/many.ts'
import type {
  LayerTrace,
  LoadOptions,
  Model,
  ModelInfo,
  ModelSource,
  PromptOptions,
  Recovery,
  Reply,
  ReplySummary,
  Session,
  State,
  TraceName,
  TraceOptions,
} from '../core/protocol.ts'
import type {
  EvaluateMessage,
  LoadMessage,
  RemoteEngine,
  RemoteModel,
  RemotePromptOptions,
  RemoteSession,
  RemoteSource,
  RemoteState,
  ReplyMessage,
} from '../core/remote.ts'
import { createReply } from '../core/reply.ts'
import { carryErrors } from '../core/transfer.ts'
import { withHeartbeat } from './heartbeat.ts'
import { trustedWorkerUrl } from './trusted-url.ts'
import { workerUrl } from './worker-url.ts'

/** Where the engine runs; by default in a worker of its own, from the file beside this one. */
export interface EngineChoice {
  /** An engine in this thread, from `rwkv.js/engine`. Its lifetime stays the caller's. */
  readonly engine?: { loadModel(source: ModelSource, options?: LoadOptions): Promise<Model> }
  /** A worker that runs `exposeEngine`. It is terminated with the model. */
  readonly worker?: Worker
  /** Where to start the worker from. */
  readonly workerUrl?: string | URL
}

const has = (value: unknown, method: string) =>
  typeof (value as Record<string, unknown> | null)?.[method] === 'function'
const workerOptions: Table<Omit<EngineChoice, 'engine'>> = {
  worker: kind('a Worker', (value) => has(value, 'postMessage')),
  workerUrl: address,
}
const allOptions: Table<LoadOptions & EngineChoice> = {
  ...loadOptions,
  ...workerOptions,
  engine: kind('an engine', (value) => has(value, 'loadModel')),
}

/**
 * Load a model in a worker. The caller disposes it; the worker ends with it.
 * @param source see `ModelSource`; addresses are relative to the page
 * @throws RwkvError `worker/unavailable` if the worker cannot start; else as `Engine.loadModel`
 */
export async function loadModel(source: ModelSource, options: LoadOptions & EngineChoice = {}): Promise<Model> {
  const { engine, worker, workerUrl, ...rest } = checkOptions('load', allOptions, options)
  if (engine) return engine.loadModel(plainSource(source), withAddress(rest, 'vocabulary'))
  const own = createWorkerEngine({ ...(worker && { worker }), ...(workerUrl && { workerUrl }) })
  try {
    const model = await own.loadModel(source, rest)
    return { ...model, dispose: () => model.dispose().finally(own.dispose) }
  } catch (error) {
    own.dispose()
    throw error
  }
}

/**
 * An engine in a worker, for several models on one device: `loadModel(source, { engine })`. Where the worker has gone, all
 * calls end with `worker/gone`, and the next load starts another one.
 */
export interface WorkerEngine {
  /** As `loadModel`. The worker stays when the model is disposed. */
  loadModel(source: ModelSource, options?: LoadOptions): Promise<Model>
  /** Terminate the worker, and with it all its models. */
  dispose(): void
}

/**
 * Start a worker. The caller disposes it.
 * @throws RwkvError `worker/unavailable` if the browser refuses it
 *
 * @example
 * ```ts
 * import { createWorkerEngine } from 'rwkv.js'
 *
 * const engine = createWorkerEngine()
 * const model = await engine.loadModel('/models/storyteller/')
 * console.log(model.info.name) // → storyteller
 * engine.dispose()
 * ```
 */
export function createWorkerEngine(options: Omit<EngineChoice, 'engine'> = {}): WorkerEngine {
  const { worker, workerUrl } = checkOptions('engine', workerOptions, options)
  carryErrors()
  const start = () => {
    const thread = worker ?? startWorker(workerUrl)
    const remote = wrap<RemoteEngine>(thread)
    return { thread, remote, life: withHeartbeat(watch(thread), () => remote.beat()) }
  }
  let running = start()
  return {
    async loadModel(source, options = {}) {
      if (!worker && isRwkvError(running.life.ended, 'worker/gone')) {
        running.thread.terminate()
        running = start()
      }
      const { life, remote } = running
      const checked = withAddress(checkOptions('load', loadOptions, options), 'vocabulary')
      const { signal, onProgress, onRecovery, ...given } = checked
      let info: ModelInfo | undefined
      const hear = (recovery: Recovery) => {
        if (info) Object.assign(info, recovery.info)
        onRecovery?.(recovery)
      }
      const model = (await withPort(
        signal,
        (port) => life.guard(remote.loadModel(plainSource(source), given, port, proxy(hear))),
        (progress) => onProgress?.(progress as LoadMessage),
      )) as unknown as Remote<RemoteModel>
      info = await life.guard(model.info)
      return checkedModel(clientModel(model, info, createGuard(life)))
    },
    dispose() {
      const message = 'The engine in the worker has been disposed. Create another to go on.'
      running.life.end(new RwkvError('model/disposed', message))
      running.thread.terminate()
    },
  }
}

/** Options whose address, if it is one, the worker can use. */
function withAddress<Name extends string, T extends { readonly [name in Name]?: unknown }>(options: T, name: Name): T {
  const given: unknown = options[name]
  return isAddress(given) ? { ...options, [name]: resolve(given) } : options
}

/** Addresses as the worker can use them, and lists of files as they can be sent. */
function plainSource(source: ModelSource): RemoteSource {
  if (isAddress(source)) return resolve(source)
  return typeof FileList !== 'undefined' && source instanceof FileList ? Array.from(source) : (source as RemoteSource)
}

const isAddress = (value: unknown): value is string | URL => typeof value === 'string' || value instanceof URL

/** Relative to the page; names of the Hub are no addresses. */
export function resolve(address: string | URL): string {
  const isAbsolute = typeof document === 'undefined' || String(address).startsWith('hf:')
  if (isAbsolute) return String(address)
  if (URL.canParse(address, document.baseURI)) return new URL(address, document.baseURI).href
  throw new RwkvError('option/invalid', `${address} is no address. Give that of a model's folder or weights.`)
}

/** Start the worker from `url`, or from the file beside this one. */
export function startWorker(url: string | URL = workerUrl): Worker {
  const trusted = trustedWorkerUrl(url)
  try {
    return new Worker(trusted, { type: 'module', name: 'rwkv' })
  } catch (cause) {
    throw new RwkvError(
      'worker/unavailable',
      `The browser refused to start the worker of rwkv.js from ${url}: ${cause instanceof Error ? cause.message : String(cause)} Serve the file from the page's own origin, or take rwkv.js/dist/cdn, which carries it inside.`,
      { cause },
    )
  }
}

/** Calls to a worker; one that cannot load fires `error` and never answers. */
export function watch(worker: Worker): Guard {
  const life = createGuard()
  const end = (event: Event) => {
    const message = 'message' in event && event.message ? `: ${String(event.message)}` : ''
    life.end(
      new RwkvError(
        'worker/unavailable',
        `The worker of rwkv.js did not load or has failed${message}. Check that its file is served from this origin and that the Content-Security-Policy allows worker-src 'self'.`,
      ),
    )
  }
  worker.addEventListener('error', end)
  worker.addEventListener('messageerror', end)
  return {
    guard: (pending) => life.guard(Promise.resolve(pending).catch(asRefusal)),
    end: life.end,
    get ended() {
      return life.ended
    },
  }
}

/** What cannot be sent was no plain data. */
function asRefusal(error: unknown): never {
  if (!(error instanceof DOMException) || error.name !== 'DataCloneError') throw error
  const message = `What was given cannot be sent to the worker: ${error.message} Give plain data.`
  throw new RwkvError('option/invalid', message, { cause: error })
}

/**
 * Run `call` with a port for the worker: what comes through it goes to `onMessage`, and it carries the news to the
 * worker when `signal` is aborted.
 */
export async function withPort<T>(
  signal: AbortSignal | undefined,
  call: (port: MessagePort) => Promise<T>,
  onMessage?: (data: unknown) => void,
): Promise<T> {
  signal?.throwIfAborted()
  const { port1, port2 } = new MessageChannel()
  if (onMessage) port1.onmessage = ({ data }) => onMessage(data)
  const abort = () => port1.postMessage('abort')
  signal?.addEventListener('abort', abort)
  try {
    return await call(transfer(port2, [port2]))
  } catch (error) {
    if (!endsModel(error)) signal?.throwIfAborted() // the reason stays here; the worker only knows that there was one
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    port1.close()
  }
}

function clientModel(remote: Remote<RemoteModel>, info: Model['info'], life: Guard): Model {
  const { guard } = life
  const stateIds = new WeakMap<State, number>()
  const createSession: Model['createSession'] = async (options = {}) =>
    clientSession(
      (await guard(remote.createSession(withAddress(options, 'initialState')))) as unknown as Remote<RemoteSession>,
      guard,
    )
  return {
    info,
    encode: (text, options) => guard(remote.encode(text, options)),
    decode: (ids) => guard(remote.decode(ids)),
    async createState(options = {}) {
      const state = (await guard(
        remote.createState(withAddress(options, 'initialState')),
      )) as unknown as Remote<RemoteState>
      const created = clientState(state, guard)
      stateIds.set(created, await guard(state.id))
      return created
    },
    async feedBatch(batch, { signal, ...options } = {}) {
      const members = batch.map(({ state, ids }) => {
        const id = stateIds.get(state)
        if (id === undefined)
          throw new RwkvError(
            'option/invalid',
            'A state of the batch is not one of this model. Make all of them with its createState().',
          )
        return { id, ids }
      })
      await withPort(signal, (port) => guard(remote.feedBatch(members, options, port)))
    },
    createSession,
    ...createMany(createSession),
    fillIn: (prefix, suffix, options = {}) =>
      clientReply(guard, options, (given, port) => remote.fillIn(prefix, suffix, given, port)),
    restoreSession: async (saved) =>
      clientSession((await guard(remote.restoreSession(saved))) as unknown as Remote<RemoteSession>, guard),
    evaluate: (text, { signal, onProgress, ...options } = {}) =>
      withPort(
        signal,
        (port) => guard(remote.evaluate(text, options, port)),
        (message) => {
          const { done, total } = message as EvaluateMessage
          onProgress?.(done, total)
        },
      ),
    score: (context, continuation, { signal } = {}) =>
      withPort(signal, (port) => guard(remote.score(context, continuation, port))),
    profile: (options) => guard(remote.profile(options)),
    counters: () => guard(remote.counters()),
    async dispose() {
      if (life.ended) return
      try {
        await guard(remote.dispose())
      } finally {
        life.end(new RwkvError('model/disposed', `The model ${info.name} has been disposed. Load it again to go on.`))
      }
    },
  }
}

function clientState(remote: Remote<RemoteState>, guard: Guard['guard']): State {
  return {
    feed: (ids, { signal, ...options } = {}) => withPort(signal, (port) => guard(remote.feed(ids, options, port))),
    feedAll: (ids, { signal, ...options } = {}) =>
      withPort(signal, (port) => guard(remote.feedAll(ids, options, port))),
    trace: async <N extends TraceName>(ids: readonly number[], { signal, ...options }: TraceOptions<N> = {}) =>
      (await withPort(signal, (port) => guard(remote.trace(ids, options, port)))) as readonly LayerTrace<N>[],
    beamSearch: ({ signal, ...options }) => withPort(signal, (port) => guard(remote.beamSearch(options, port))),
    logits: () => guard(remote.logits()),
    read: () => guard(remote.read()),
    inspect: (options) => guard(remote.inspect(options)),
    write: (rows) => guard(remote.write(rows)),
    dispose: once(async () => {
      await guard(remote.dispose())
      remote[releaseProxy]()
    }),
  }
}

/** A reply that is made in the worker: `call` asks for it. */
function clientReply(
  guard: Guard['guard'],
  { signal: own, onToken, onThoughts, onRead, ...options }: PromptOptions,
  call: (options: RemotePromptOptions, port: MessagePort) => Promise<ReplySummary>,
): Reply {
  return createReply((emit, signal) => {
    let over = () => {}
    const all = new Promise<void>((resolve) => {
      over = resolve
    })
    const onMessage = (message: unknown) => {
      const news = message as ReplyMessage
      if (news === null) over()
      else if (typeof news === 'string') emit(news)
      else if ('thoughts' in news) onThoughts?.(news.thoughts)
      else if ('read' in news) onRead?.(news)
      else onToken?.(news)
    }
    return withPort(
      signal,
      async (port) => {
        const summary = await guard(call(onToken ? { ...options, wantsTokens: true } : options, port))
        await guard(all) // the last pieces may still be on their way: they come by another port
        return summary
      },
      onMessage,
    )
  }, own)
}

function clientSession(remote: Remote<RemoteSession>, guard: Guard['guard']): Session {
  const reply = (text: string | undefined, options: PromptOptions) =>
    clientReply(guard, options, (given, port) => remote.reply(text, given, port))
  const sibling = async (made: Promise<unknown>) => clientSession((await guard(made)) as Remote<RemoteSession>, guard)
  return {
    prompt: (text, options = {}) => reply(text, options),
    respond: (options = {}) => reply(undefined, options),
    append: (text, { signal, ...options } = {}) =>
      withPort(signal, (port) => guard(remote.append(text, options, port))),
    beamSearch: (text, { signal, ...options }) =>
      withPort(signal, (port) => guard(remote.beamSearch(text, options, port))),
    inspect: (options) => guard(remote.inspect(options)),
    read: () => guard(remote.read()),
    transcript: () => guard(remote.transcript()),
    mark: () => guard(remote.mark()),
    rewind: (mark) => guard(remote.rewind(mark)),
    branch: (mark) => sibling(remote.branch(mark)),
    fork: () => sibling(remote.fork()),
    save: (options) => guard(remote.save(options)),
    saveParts: (options) => guard(remote.saveParts(options)),
    dispose: once(async () => {
      await guard(remote.dispose())
      remote[releaseProxy]()
    }),
  }
}

/** Disposing twice is disposing once. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}
