/**
 * @file The engine: from the address of a model to a model that answers. It owns the GPU device and what else computes
 * models; the worker holds one, node tools make their own.
 */

import { createOwner } from '../core/dispose.ts'
import { RwkvError } from '../core/errors.ts'
import type { LoadOptions, Model, ModelSource } from '../core/protocol.ts'
import { openCheckpoint } from '../file/checkpoint.ts'
import type { Architecture } from '../forward/architecture.ts'
import { initialState } from '../forward/state-rows.ts'
import type { GpuAdvice } from '../gpu/device.ts'
import type { Preset } from '../kernels/preset.ts'
import { readStartState } from '../model/start-state.ts'
import type { FoundTokenizer } from '../model/tokenizer.ts'
import { stateBudgets } from '../session/budgets.ts'
import type { Store } from '../store/store.ts'
import type { Threads } from '../wasm/threads.ts'
import { createDevices, type OpenDevice, type WantedDevice } from './devices.ts'
import { createModel, type ModelParts } from './model.ts'
import { createModelMemory, type Room } from './model-memory.ts'
import { type OpenedModel, openModel } from './open-model.ts'
import { type ModelOnDevice, placeModel } from './place-model.ts'
import { createProgress, type ProgressReporter } from './progress.ts'
import { type RecoverableModel, recoverable, untilPlaced } from './recovery.ts'

/** What an engine needs from where it runs. */
export interface EngineOptions {
  /** `navigator.gpu`, or Dawn's in node. */
  readonly gpu: GPU | undefined
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** What computes models, if a load does not say; default `auto`. */
  readonly device?: LoadOptions['device']
  /** Where WebAssembly gets other threads from; by default it has one. */
  readonly threads?: Threads | undefined
  /** How kernels share their work; default by the adapter: `software` on fallback adapters, else `gpu`. */
  readonly preset?: Preset['name']
  /**
   * Where what is fetched is kept, such as `createOpfsStore()`, and marks for which memory has no room; nothing is kept if
   * left out.
   */
  readonly store?: Store
  /** Bytes of memory that the device has: states get a share of it. Default: 4 GiB. */
  readonly memoryByteLength?: number | undefined
  /** What errors and `info.device` say where there is no GPU. Default: words for people with a browser. */
  readonly advice?: GpuAdvice
}

/** What `createEngine` takes. */
export interface EngineParts extends EngineOptions {
  /** The versions of RWKV that it runs; the first is what a checkpoint without any mark is taken for. */
  readonly architectures: readonly Architecture[]
}

/** Loads models. Disposing it releases the device and everything made from it. */
export interface Engine {
  /**
   * Load a model from wherever its files are.
   * @throws RwkvError `file/…`, `hub/…`, `store/…`, `model/…`, `text/vocabulary`, `gpu/…`; nothing stays allocated.
   */
  loadModel(source: ModelSource, options?: LoadOptions): Promise<Model>
  /**
   * Fetch a model into the store without opening the GPU; what is there already is not fetched again.
   * @throws RwkvError as `loadModel`, but `gpu/…`; after an abort, what was fetched stays and the next call goes on.
   */
  downloadModel(source: ModelSource, options?: LoadOptions): Promise<void>
  /** Where this engine keeps what it fetches. */
  readonly store: Store | undefined
  /** After it every call rejects with `gpu/disposed`. */
  dispose(): Promise<void>
}

/** An engine; what computes models is opened with the first of them, and again after it was lost. */
export function createEngine(parts: EngineParts): Engine {
  const { gpu: entry, fetch = globalThis.fetch, preset: name, device: ownDevice = 'auto' } = parts
  const { store, memoryByteLength, architectures, advice, threads } = parts
  const devices = createDevices({ gpu: entry, preset: name, advice, threads })
  const memory = createModelMemory()
  let uses = 0

  return {
    store,
    async loadModel(source, options = {}) {
      const { recoveryMs: limitMs = DEFAULT_RECOVERY_MS, onRecovery, onProgress, signal } = options
      const wanted: WantedDevice = {
        device: options.device ?? ownDevice,
        preset: options.safe ? 'software' : options.preset,
        safe: options.safe,
      }
      const kept = options.store === false ? undefined : store
      const progress = createProgress({ onProgress, now })
      const use = { at: ++uses }
      const onStep = () => {
        use.at = ++uses
      }
      const open = (own: LoadOptions, reporter: ProgressReporter) =>
        openModel({ source, options: own, architectures, fetch, store: kept, progress: reporter })

      /** After a loss: its memory is its own already, and nobody hears of progress. */
      async function placeAgain(on: OpenDevice, signal: AbortSignal): Promise<ModelOnDevice> {
        const silent = { options: { ...options, signal }, progress: createProgress({ now }) }
        const opened = await open(silent.options, silent.progress)
        return placeModel(on, { opened, ...silent, memoryByteLength, onStep }).finally(opened.dispose)
      }

      /** The model, registered as one that takes memory. */
      function add(placed: RecoverableModel, found: FoundTokenizer, of: OpenedModel): Model {
        const { description, openBeside, version } = of
        const { info, byteLength } = placed
        const readStart: ModelParts['readStart'] = async (file) => {
          const source = await openBeside('initialState', file)
          try {
            const of = { ...info, tuned: version.tuned }
            return await readStartState(await openCheckpoint(source), of, initialState(info.state, info.config))
          } finally {
            source.dispose?.()
          }
        }
        const budgets = stateBudgets(info.stateByteLength, memoryByteLength)
        const mostRows = options.safe ? 1 : undefined
        const dispose = () => {
          remove()
          placed.dispose()
        }
        const openTemporaryFile = kept?.openTemporaryFile
        const parts = { ...placed, found, description, readStart, openTemporaryFile, budgets, mostRows, dispose }
        const model = createModel(parts)
        const remove = memory.add({ name: info.name, use, byteLength, dispose: model.dispose })
        return model
      }

      const owner = createOwner()
      let opened: OpenedModel | undefined
      try {
        return await untilPlaced({ limitMs, codes: ['gpu/lost'], signal }, () =>
          devices.use(wanted, async (on) => {
            opened ??= owner.own(await open(options, progress))
            let cancel = () => {}
            const reserve = async (room: Room) => {
              cancel = await memory.reserve(room, options)
            }
            try {
              const parts = { opened, options, progress, memoryByteLength, onStep, reserve }
              const first = await placeModel(on, parts)
              const placed = recoverable(first, { limitMs, wanted, devices, onRecovery, place: placeAgain })
              return add(placed, await opened.found, opened)
            } finally {
              cancel()
            }
          }),
        )
      } finally {
        owner.dispose()
      }
    },
    async downloadModel(source, options = {}) {
      devices.check()
      const progress = createProgress({ onProgress: options.onProgress, now })
      const opened = await openModel({ source, options, architectures, fetch, store, progress })
      try {
        await opened.prepare()
        const [notice] = progress.notices
        if (notice) throw new RwkvError('store/unavailable', notice)
      } finally {
        opened.dispose()
      }
    },
    dispose: devices.dispose,
  }
}

const DEFAULT_RECOVERY_MS = 30_000

const now = () => performance.now()
