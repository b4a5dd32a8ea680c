/**
 * @file When a model may be loaded, and the share in it while the element is on the page. Nothing is fetched before the
 * element may; a large model waits for a click.
 */

import { readDownloadSize } from '../client/download-size.ts'
import { isRwkvError } from '../core/errors.ts'
import type { Model } from '../core/protocol.ts'
import type { ModelListener, Share, SharedModels, WantedModel } from './shared-models.ts'
import type { ChatState, LoadingMode } from './types.ts'

/** A lazy load above this waits for a click. */
export const LARGE_BYTE_LENGTH = 20_000_000

/** How long an element may be away from the page, such as while it is moved, and keep its model. */
const GRACE_MS = 1000

/** States of a loader: those of the element but `replying`. */
export type LoaderState = Exclude<ChatState, 'replying'>

/** What a loader asks of its element. */
export interface LoaderOptions extends ModelListener {
  readonly element: HTMLElement
  readonly models: SharedModels
  /** The model, if any, and when it may be loaded: as the attributes are now. */
  readonly wish: () => { readonly wanted: WantedModel | undefined; readonly loading: LoadingMode }
  readonly onState: (state: LoaderState) => void
  /** The model is there: open the conversation on it. */
  readonly onModel: (model: Model) => Promise<void>
  /** The model is about to go: put the conversation away. */
  readonly onClose: () => Promise<void>
  readonly onFault: (error: unknown) => void
}

/** The way of one element to its model. */
export interface Loader {
  readonly state: LoaderState
  /** Bytes of a load that waits for a click, once known. */
  readonly byteLength: number | undefined
  /** Load now, whatever the mode; after a failure, again. Resolves when it has ended either way. */
  load(): Promise<void>
  connect(): void
  disconnect(): void
  /** The wish has changed: let the model go and begin again. */
  restart(): Promise<void>
  /** The loaded model has failed; the next load is a fresh one. */
  fail(error: unknown): void
}

/** A loader that does nothing before `connect`. */
export function createLoader(options: LoaderOptions): Loader {
  const { element, models, wish, onState, onProgress, onRecovery, onModel, onClose, onFault } = options
  let state: LoaderState = 'idle'
  let byteLength: number | undefined
  let share: Share | undefined
  let run = new AbortController() // everything that was begun since the last close
  let loaded: Promise<void> = Promise.resolve()
  let hasBegun = false
  let grace: ReturnType<typeof setTimeout> | undefined

  const enter = (next: LoaderState) => {
    state = next
    onState(next)
  }

  async function begin(): Promise<void> {
    if (state === 'loading' || state === 'ready') return // a script was faster
    const { wanted, loading } = wish()
    if (!wanted) return enter('idle')
    const { source } = wanted
    if (loading === 'eager' || typeof source !== 'string') return load() // files were chosen to be loaded
    if (loading === 'interaction') return enter('waiting')
    enter('idle')
    const { signal } = run
    await untilVisible(element, signal)
    if (signal.aborted || state !== 'idle') return
    const size = await readDownloadSize(source, { signal })
    if (signal.aborted || state !== 'idle') return
    byteLength = size
    if (size !== undefined && size <= LARGE_BYTE_LENGTH && !savesData()) return load()
    enter('waiting')
  }

  function load(): Promise<void> {
    const { wanted } = wish()
    if (!wanted || state === 'ready') return Promise.resolve()
    if (state !== 'loading') loaded = open(wanted, run.signal)
    return loaded
  }

  async function open(wanted: WantedModel, signal: AbortSignal): Promise<void> {
    enter('loading')
    try {
      share = models.hold(wanted, {
        onProgress: (progress) => !signal.aborted && onProgress(progress),
        onRecovery: (recovery) => !signal.aborted && onRecovery(recovery),
      })
      const model = await share.model
      if (signal.aborted) return
      await onModel(model)
      if (!signal.aborted) enter('ready')
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }

  function fail(error: unknown): void {
    onFault(error) // while the model can still be asked what was said
    if (!isOfConversation(error)) share?.retire()
    share?.release()
    share = undefined
    enter(isRwkvError(error, 'gpu/unavailable') ? 'unsupported' : 'failed')
  }

  async function close(): Promise<void> {
    run.abort()
    run = new AbortController()
    byteLength = undefined
    const old = share
    share = undefined
    enter('idle')
    await onClose()
    old?.release()
  }

  return {
    get state() {
      return state
    },
    get byteLength() {
      return byteLength
    },
    load,
    connect() {
      clearTimeout(grace)
      grace = undefined
      if (hasBegun) return // it was only moved
      hasBegun = true
      void begin()
    },
    disconnect() {
      if (!hasBegun) return
      grace = setTimeout(() => {
        hasBegun = false
        void close()
      }, GRACE_MS)
    },
    async restart() {
      await close()
      if (hasBegun) await begin()
    },
    fail,
  }
}

/** What one conversation does wrong leaves the model as it was, for others. */
function isOfConversation(error: unknown): boolean {
  return isRwkvError(error) && /^(option|session|text)\//.test(error.code)
}

/** Resolves when `element` comes into sight; after an abort, never mind. */
function untilVisible(element: HTMLElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) end()
    })
    const end = () => {
      observer.disconnect()
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
    observer.observe(element)
  })
}

/** The reader has asked sites to go easy on data. */
function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true
}
