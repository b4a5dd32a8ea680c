/** @file The worker's end: an engine behind Comlink. The page's end is `client/load-model.ts`. */

import { expose, proxy, transfer } from 'comlink'
import { RwkvError } from '../core/errors.ts'
import type { Model, PromptOptions, Reply, ReplySummary, Session, State } from '../core/protocol.ts'
import type {
  EvaluateMessage,
  RemoteEngine,
  RemoteModel,
  RemoteSession,
  RemoteState,
  ReplyMessage,
} from '../core/remote.ts'
import { carryErrors } from '../core/transfer.ts'
import type { Engine } from './engine.ts'

/** What cannot cross by itself. */
type ToldOptions = Pick<PromptOptions, 'signal' | 'onToken'>

/**
 * Answer calls for `engine` that arrive at `endpoint` (a worker's `self`, or a port).
 *
 * @example
 * ```ts
 * import { createEngine, exposeEngine } from 'rwkv.js/engine'
 *
 * // A worker of your own, to give to loadModel as `worker`.
 * const engine = createEngine({ gpu: navigator.gpu })
 * exposeEngine(engine, self)
 * console.log('ready') // → ready
 * ```
 */
export function exposeEngine(engine: Engine, endpoint: Parameters<typeof expose>[1]): void {
  carryErrors()
  const remote: RemoteEngine = {
    beat: async () => {},
    loadModel: (source, options, port, onRecovery) =>
      withSignal(port, async (signal) => {
        const onProgress = (progress: unknown) => port.postMessage(progress)
        return proxy(remoteModel(await engine.loadModel(source, { ...options, signal, onProgress, onRecovery })))
      }),
    downloadModel: (source, options, port) =>
      withSignal(port, (signal) => {
        const onProgress = (progress: unknown) => port.postMessage(progress)
        return engine.downloadModel(source, { ...options, signal, onProgress })
      }),
    storedModels: async () => (await engine.store?.list()) ?? [],
    removeStoredModel: async (model) => engine.store?.remove(model),
  }
  expose(remote, endpoint)
}

function remoteModel(model: Model): RemoteModel {
  const states = new Map<number, State>()
  let created = 0
  return {
    info: model.info,
    encode: (text, options) => model.encode(text, options),
    decode: (ids) => model.decode(ids),
    async createState(options) {
      const id = created++
      const state = await model.createState(options)
      states.set(id, state)
      return proxy(remoteState(id, state, () => states.delete(id)))
    },
    feedBatch: (batch, options, port) =>
      withSignal(port, (signal) =>
        model.feedBatch(
          batch.map(({ id, ids }) => ({ state: known(states, id), ids })),
          { ...options, signal },
        ),
      ),
    fillIn: (prefix, suffix, options, port) =>
      streamReply(options, port, (settings) => model.fillIn(prefix, suffix, settings)),
    createSession: async (options) => proxy(remoteSession(await model.createSession(options))),
    restoreSession: async (saved) => proxy(remoteSession(await model.restoreSession(saved))),
    evaluate: (text, options, port) =>
      withSignal(port, (signal) => {
        const onProgress = (done: number, total: number) => port.postMessage({ done, total } satisfies EvaluateMessage)
        return model.evaluate(text, { ...options, signal, onProgress })
      }),
    score: (context, continuation, port) =>
      withSignal(port, (signal) => model.score(context, continuation, { signal })),
    profile: (options) => model.profile(options),
    counters: () => model.counters(),
    dispose: () => model.dispose(),
  }
}

function known(states: ReadonlyMap<number, State>, id: number): State {
  const state = states.get(id)
  if (!state)
    throw new RwkvError('session/disposed', 'A state of the batch has been disposed. Leave it out, or create another.')
  return state
}

function remoteState(id: number, state: State, forget: () => void): RemoteState {
  return {
    id,
    feed: (ids, options, port) => withSignal(port, (signal) => state.feed(ids, { ...options, signal })),
    feedAll: (ids, options, port) =>
      withSignal(port, async (signal) => moved(await state.feedAll(ids, { ...options, signal }))),
    trace: (ids, options, port) =>
      withSignal(port, async (signal) => {
        const layers = await state.trace(ids, { ...options, signal })
        const values = layers.flatMap(({ layer, ...values }) => Object.values(values))
        return transfer(
          layers,
          values.map(({ buffer }) => buffer as ArrayBuffer),
        )
      }),
    beamSearch: (options, port) => withSignal(port, (signal) => state.beamSearch({ ...options, signal })),
    logits: async () => moved(await state.logits()),
    read: async () => moved(await state.read()),
    inspect: (options) => state.inspect(options),
    write: (rows) => state.write(rows),
    dispose() {
      forget()
      return state.dispose()
    },
  }
}

function remoteSession(session: Session): RemoteSession {
  return {
    reply: (text, options, port) =>
      streamReply(options, port, (settings, post) => {
        const all = { ...settings, onThoughts: (thoughts: string) => post({ thoughts }), onRead: post }
        return text === undefined ? session.respond(all) : session.prompt(text, all)
      }),
    append: (text, options, port) => withSignal(port, (signal) => session.append(text, { ...options, signal })),
    beamSearch: (text, options, port) => withSignal(port, (signal) => session.beamSearch(text, { ...options, signal })),
    inspect: (options) => session.inspect(options),
    read: async () => moved(await session.read()),
    transcript: () => session.transcript(),
    mark: () => session.mark(),
    rewind: (mark) => session.rewind(mark),
    branch: async (mark) => proxy(remoteSession(await session.branch(mark))),
    fork: async () => proxy(remoteSession(await session.fork())),
    save: async (options) => moved(await session.save(options)),
    async saveParts(options) {
      const parts = await session.saveParts(options)
      return transfer(parts, [parts.session.buffer, ...Array.from(parts.states.values(), ({ buffer }) => buffer)])
    },
    dispose: () => session.dispose(),
  }
}

/** Make a reply with these options, and post its pieces on `port`. */
function streamReply<Options extends { readonly wantsTokens?: boolean }>(
  { wantsTokens, ...options }: Options,
  port: MessagePort,
  begin: (settings: Omit<Options, 'wantsTokens'> & ToldOptions, post: (message: ReplyMessage) => void) => Reply,
): Promise<ReplySummary> {
  return withSignal(port, async (signal) => {
    const post = (message: ReplyMessage) => port.postMessage(message)
    const reply = begin({ ...options, signal, ...(wantsTokens && { onToken: post }) }, post)
    try {
      for await (const piece of reply) post(piece)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    const summary = await reply.summary
    post(null)
    return summary
  })
}

/** Run `work` with a signal that the first message on `port` aborts. */
async function withSignal<T>(port: MessagePort, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  port.onmessage = () => controller.abort()
  try {
    return await work(controller.signal)
  } finally {
    port.onmessage = null
  }
}

/** Hand the array's memory over instead of copying it. */
function moved<T extends Float32Array | Uint8Array>(array: T): T {
  return transfer(array, [array.buffer as ArrayBuffer])
}
