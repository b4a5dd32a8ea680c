/**
 * @file The engine: from the address of a model to a model that answers. It owns the GPU device and what else computes
 * models; the worker holds one, node tools make their own.
 */

import { createOwner } from '../core/dispose.ts'
import { RwkvError } from '../core/errors.ts'
import type { LoadOptions, LoadProgress, Model, ModelInfo, ModelSource, WeightFormat } from '../core/protocol.ts'
import { quantizedByteLength, weightByteLength } from '../core/tensor-spec.ts'
import { isQuantized, LAYOUT } from '../core/weight-layout.ts'
import { openCheckpoint } from '../file/checkpoint.ts'
import type { Architecture } from '../forward/architecture.ts'
import { initialState } from '../forward/state-rows.ts'
import type { GpuAdvice } from '../gpu/device.ts'
import type { Preset } from '../kernels/preset.ts'
import { findRescaling } from '../model/rescaled.ts'
import { readStartState } from '../model/start-state.ts'
import { isSamePlan, planned, planWeights, productFormats, type WeightPlan } from '../model/weight-plan.ts'
import { resolveSampling } from '../sample/options.ts'
import { stateBudgets } from '../session/budgets.ts'
import type { Store } from '../store/store.ts'
import type { Threads } from '../wasm/threads.ts'
import { createDevices, type OpenDevice } from './devices.ts'
import { createModel, type ModelParts } from './model.ts'
import { createModelMemory, type ModelMemory } from './model-memory.ts'
import { type OpenedModel, openModel } from './open-model.ts'
import { createProgress, type ProgressReporter } from './progress.ts'
import { isWrong, requireTrust, wrongResults } from './trust.ts'

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
  const { gpu: entry, fetch = globalThis.fetch, preset: name, device: wanted = 'auto' } = parts
  const { store, memoryByteLength, architectures, advice, threads } = parts
  const devices = createDevices({ gpu: entry, preset: name, advice, threads })
  const memory = createModelMemory()
  let uses = 0

  return {
    store,
    async loadModel(source, options = {}) {
      const progress = createProgress({ onProgress: options.onProgress, now: () => performance.now() })
      const kept = options.store === false ? undefined : store
      const { safe } = options
      const preset = safe ? 'software' : options.preset
      const nextUse = () => ++uses
      const owner = createOwner()
      let opened: OpenedModel | undefined
      try {
        return await devices.use({ device: options.device ?? wanted, preset, safe }, async (on) => {
          opened ??= owner.own(await openModel({ source, options, architectures, fetch, store: kept, progress }))
          return load(on, { opened, options, progress, store: kept, memoryByteLength, memory, nextUse })
        })
      } finally {
        owner.dispose()
      }
    },
    async downloadModel(source, options = {}) {
      devices.check()
      const progress = createProgress({ onProgress: options.onProgress, now: () => performance.now() })
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

interface Loading {
  readonly opened: OpenedModel
  readonly options: LoadOptions
  readonly progress: ProgressReporter
  /** Undefined keeps nothing. */
  readonly store: Store | undefined
  readonly memoryByteLength: number | undefined
  readonly memory: ModelMemory
  /** Counts the uses of all models. */
  readonly nextUse: () => number
}

/** How a model's weights are held. */
interface Held {
  /** What was asked for. */
  readonly weights: WeightFormat | 'auto'
  readonly plan: WeightPlan
}

async function load(device: OpenDevice, loading: Loading): Promise<Model> {
  const { opened, options, memoryByteLength, memory } = loading
  const { description, version, config, isHere } = opened
  const { name } = description
  const tensors = [...version.tensors(config)]
  const planOf = (weights: LoadOptions['weights'] = 'auto') => ({
    weights,
    plan: planWeights({ weights, specs: tensors, tensors: opened.tensors, isDecoded: device.backend.isDecoding }),
  })
  const wanted = planOf(options.weights)
  const { plan } = wanted
  const stateByteLength = initialState(version.state(config), config).byteLength
  const layerStateByteLength = stateByteLength / config.L
  await device.backend.checkMemory({ name, tensors, plan, layerStateByteLength, isHere })
  const byteLength =
    weightByteLength(tensors, (spec) => planned(plan, spec)) + stateBudgets(stateByteLength, memoryByteLength).first
  const cancelReservation = await memory.reserve({ name, byteLength }, options)
  const warnings = [...device.warnings, ...opened.warnings]
  try {
    await opened.prepare()
    warnings.push(...(await findRescaling(opened)))
    return await upload(device, loading, { ...wanted, warnings })
  } catch (error) {
    if (!isWrong(error) || productFormats(plan, tensors).join() === 'f32') throw error
    warnings.push(
      `${wrongResults(device.backend, { plan, specs: tensors })}; f32 is used instead, which takes more memory.`,
    )
    return await upload(device, loading, { ...planOf('f32'), warnings })
  } finally {
    cancelReservation()
  }
}

/**
 * Bring a fetched model's weights to where it is computed. Meanwhile the kernels are compiled and tested.
 * @throws RwkvError `gpu/wrong-results`, `wasm/wrong-results` if they do not compute what they should; nothing stays allocated.
 */
async function upload(
  { backend, reason }: OpenDevice,
  { opened, options, progress: reporter, store, memoryByteLength, memory, nextUse }: Loading,
  { weights, plan, warnings }: Held & { readonly warnings: readonly string[] },
): Promise<Model> {
  const { description, checkpoint, version: architecture, config, tensors, found } = opened
  const { name } = description
  const owner = createOwner()
  const loaded = {
    name,
    usedAt: nextUse(),
    byteLength: () => (backend.isLost() ? 0 : place.counters.gpuByteLength),
    dispose: async () => {},
  }
  const place = backend.createPlace(() => {
    loaded.usedAt = nextUse()
  })
  try {
    const total = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    const progress = (phase: LoadProgress['phase'], loaded: number) =>
      reporter.report({ phase, file: checkpoint.file, loaded, total })
    const placed = owner.own(await place.placeModel({ architecture, config, plan, tensors, threads: options.threads }))
    const weightByteLength = place.counters.gpuByteLength
    const specs = [...architecture.tensors(config)]
    const isMade =
      weights !== 'auto' &&
      isQuantized(weights) &&
      !isSamePlan(plan, planWeights({ specs, tensors, isDecoded: backend.isDecoding }))
    const derived = isMade
      ? await opened.derived({ kind: weights, origin: LAYOUT, byteLength: quantizedByteLength(specs, weights) })
      : undefined

    const fill = async (signal: AbortSignal) => {
      const filled = await placed
        .fill({ checkpoint, derived, signal, onProgress: (loaded) => progress('weights', loaded) })
        .finally(() => derived?.dispose())
      progress('compile', total)
      return filled
    }
    const { byteLength: stateByteLength } = initialState(architecture.state(config), config)
    const budgets = stateBudgets(stateByteLength, memoryByteLength)
    const sizes = { slots: Math.floor(budgets.first / stateByteLength), budgetByteLength: budgets.pool }
    const test = () => requireTrust(backend, { architecture, weights, plan, specs, tensors })
    const prepare = () => place.prepare('the forward pass', () => both(() => placed.run(sizes), test))
    const [{ fingerprint, inspect }, [{ pool, forward, threads }]] = await both(fill, prepare, options.signal)
    options.signal?.throwIfAborted()
    const info: ModelInfo = {
      name,
      config,
      state: architecture.state(config),
      license: description.license,
      fingerprint,
      weights: weights === 'auto' ? productFormats(plan, specs).join(' + ') : weights,
      weightByteLength,
      stateByteLength,
      device: { name: backend.device, reason },
      adapter: backend.adapter,
      preset: backend.preset,
      threads,
      warnings: [...warnings, ...reporter.notices],
      promptFormat: description.promptFormat,
      sampling: resolveSampling(description.sampling),
    }
    progress('ready', total)
    const openTemporaryFile = store?.openTemporaryFile
    const mostRows = options.safe ? 1 : undefined
    const readStart: ModelParts['readStart'] = async (file) => {
      const source = await opened.openBeside('initialState', file)
      try {
        const of = { ...info, tuned: architecture.tuned }
        return await readStartState(await openCheckpoint(source), of, initialState(info.state, config))
      } finally {
        source.dispose?.()
      }
    }
    const parts = {
      place,
      info,
      description,
      pool,
      forward,
      budgets,
      inspect,
      found,
      readStart,
      openTemporaryFile,
      mostRows,
      owner,
    }
    const model = createModel(parts)
    loaded.dispose = model.dispose
    owner.own({ dispose: memory.add(loaded) })
    return model
  } catch (error) {
    owner.dispose()
    throw error
  }
}

/** Both at once. If one fails the other is ended, by its signal if it takes one, and waited for. */
async function both<First, Second>(
  first: (signal: AbortSignal) => Promise<First>,
  second: () => Promise<Second>,
  outer?: AbortSignal,
): Promise<[First, Second]> {
  const end = new AbortController()
  const works = [first(AbortSignal.any([end.signal, ...(outer ? [outer] : [])])), second()] as const
  try {
    return await Promise.all(works)
  } catch (error) {
    end.abort(error)
    await Promise.allSettled(works)
    throw error
  }
}
