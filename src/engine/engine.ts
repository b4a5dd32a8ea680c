/**
 * @file The engine: from the address of a model to a model that answers. It owns the GPU device; the worker holds one,
 * node tools make their own.
 */

import { createOwner } from '../core/dispose.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { LoadOptions, LoadProgress, Model, ModelInfo, ModelSource, WeightFormat } from '../core/protocol.ts'
import { quantizedByteLength, type TensorSpec, weightByteLength } from '../core/tensor-spec.ts'
import { createTurns, type Turns } from '../core/turns.ts'
import { isQuantized, LAYOUT } from '../core/weight-layout.ts'
import { type Dtype, openCheckpoint } from '../file/checkpoint.ts'
import type { Architecture } from '../forward/architecture.ts'
import { createForward, type Forward } from '../forward/forward.ts'
import { checkMemory } from '../forward/memory.ts'
import { selfTest } from '../forward/self-test.ts'
import { createStatePool } from '../forward/state-pool.ts'
import { initialState } from '../forward/state-rows.ts'
import { createWeights } from '../forward/weights.ts'
import { createGpu, type Gpu } from '../gpu/device.ts'
import { createKernelCache, type KernelCache } from '../gpu/dispatch-list.ts'
import { createShare } from '../gpu/share.ts'
import { gpuPreset, type Preset, softwarePreset } from '../kernels/preset.ts'
import { storedFormat } from '../model/prepare.ts'
import { findRescaling } from '../model/rescaled.ts'
import { readStartState } from '../model/start-state.ts'
import { resolveSampling } from '../sample/options.ts'
import { stateBudgets } from '../session/budgets.ts'
import type { Store } from '../store/store.ts'
import { createModel, type ModelParts } from './model.ts'
import { createModelMemory, type ModelMemory } from './model-memory.ts'
import { type OpenedModel, openModel } from './open-model.ts'
import { createProgress, type ProgressReporter } from './progress.ts'

/** What an engine needs from where it runs. */
export interface EngineOptions {
  /** `navigator.gpu`, or Dawn's in node. */
  readonly gpu: GPU | undefined
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** How kernels share their work; default by the adapter: `software` on fallback adapters, else `gpu`. */
  readonly preset?: Preset['name']
  /**
   * Where what is fetched is kept, such as `createOpfsStore()`, and marks for which memory has no room; nothing is kept if
   * left out.
   */
  readonly store?: Store
  /** Bytes of memory that the device has: states get a share of it. Default: 4 GiB. */
  readonly memoryByteLength?: number | undefined
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

/** An engine over `gpu`; the device is opened with the first model, and again after it was lost. */
export function createEngine(parts: EngineParts): Engine {
  const { gpu: entry, fetch = globalThis.fetch, preset: name, store, memoryByteLength, architectures } = parts
  let device: Device | undefined
  const memory = createModelMemory()
  const turns = createTurns() // loads that begin together share the device
  let uses = 0
  let isDisposed = false

  const checkAlive = () => {
    if (isDisposed) throw new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.')
  }
  const openDevice = () =>
    turns(async () => {
      checkAlive()
      if (device && !isLost(device.gpu)) return device
      const gpu = await createGpu(entry)
      const preset = presetNamed(name ?? (gpu.adapter.isFallback ? 'software' : 'gpu'))
      device = { gpu, preset, kernels: createKernelCache(gpu), tested: new Map(), preparing: createTurns() }
      return device
    })

  return {
    store,
    async loadModel(source, options = {}) {
      const on = await openDevice()
      const progress = createProgress({ onProgress: options.onProgress, now: () => performance.now() })
      const kept = options.store === false ? undefined : store
      const opened = await openModel({ source, options, architectures, fetch, store: kept, progress })
      try {
        const chosen = withPreset(on, options.safe ? 'software' : options.preset)
        const nextUse = () => ++uses
        return await load(chosen, { opened, options, progress, store: kept, memoryByteLength, memory, nextUse })
      } finally {
        opened.dispose()
      }
    },
    async downloadModel(source, options = {}) {
      checkAlive()
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
    async dispose() {
      isDisposed = true
      await turns(async () => device?.gpu.dispose())
    },
  }
}

/** An open device and what is known of it; models loaded on it share its kernels. */
interface Device {
  readonly gpu: Gpu
  readonly preset: Preset
  readonly kernels: KernelCache
  /** Whether a version's kernels for a format, and for the embedding beside it, compute what they should here. */
  readonly tested: Map<string, boolean>
  /** Models compile one at a time: a device has one stack of error scopes, so two loads would catch each other's errors. */
  readonly preparing: Turns
}

const presetNamed = (name: Preset['name']) => (name === 'gpu' ? gpuPreset : softwarePreset)

/** The device as it is, or for this load with another preset, whose kernels are then tested anew. */
function withPreset(device: Device, name: LoadOptions['preset']): Device {
  if (name === undefined || name === device.preset.name) return device
  return { ...device, preset: presetNamed(name), tested: new Map() }
}

function isLost(gpu: Gpu): boolean {
  try {
    gpu.check()
    return false
  } catch {
    return true
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

async function load(device: Device, loading: Loading): Promise<Model> {
  const { opened, options, memoryByteLength, memory } = loading
  const { description, version, config, isHere } = opened
  const { name } = description
  const tensors = [...version.tensors(config)]
  const wanted = chooseFormat(options.weights, tensors, opened.tensors)
  const emb = opened.tensors.get('emb.weight')
  const embedding = emb && isQuantized(wanted) ? storedFormat(emb) : undefined
  const stateByteLength = initialState(version.state(config), config).byteLength
  const layerStateByteLength = stateByteLength / config.L
  await checkMemory(device.gpu, { name, tensors, codec: wanted, embedding, layerStateByteLength, isHere })
  const byteLength =
    weightByteLength(tensors, wanted, embedding) + stateBudgets(stateByteLength, memoryByteLength).first
  const cancelReservation = await memory.reserve({ name, byteLength }, options)
  const warnings = [...opened.warnings]
  try {
    await opened.prepare()
    warnings.push(...(await findRescaling(opened)))
    return await upload(device, loading, { codec: wanted, warnings })
  } catch (error) {
    if (!isRwkvError(error, 'gpu/wrong-results') || wanted === 'f32') throw error
    warnings.push(`${wrongResults(device.gpu, wanted)}; f32 is used instead, which takes more memory.`)
    return await upload(device, loading, { codec: 'f32', warnings })
  } finally {
    cancelReservation()
  }
}

/**
 * Upload a fetched model's weights to the GPU. Meanwhile the kernels are compiled and tested.
 * @throws RwkvError `gpu/wrong-results` if they do not compute what they should; nothing stays allocated.
 */
async function upload(
  device: Device,
  { opened, options, progress: reporter, store, memoryByteLength, memory, nextUse }: Loading,
  { codec, warnings }: { codec: WeightFormat; warnings: readonly string[] },
): Promise<Model> {
  const { preset, kernels, preparing } = device
  const { description, checkpoint, version: architecture, config, tensors, found } = opened
  const { name } = description
  const owner = createOwner()
  const loaded = {
    name,
    usedAt: nextUse(),
    byteLength: () => (isLost(device.gpu) ? 0 : gpu.counters.gpuByteLength),
    dispose: async () => {},
  }
  const gpu = createShare(device.gpu, () => {
    loaded.usedAt = nextUse()
  })
  try {
    const total = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    const progress = (phase: LoadProgress['phase'], loaded: number) =>
      reporter.report({ phase, file: checkpoint.file, loaded, total })
    const weights = owner.own(await createWeights(gpu, { architecture, config, codec, tensors }))
    const weightByteLength = gpu.counters.gpuByteLength
    const quantized = quantizedByteLength(architecture.tensors(config), codec)
    const isAsStored = codec === chooseFormat('auto', [...architecture.tensors(config)], tensors)
    const derived =
      isQuantized(codec) && !isAsStored
        ? await opened.derived({ kind: codec, origin: LAYOUT, byteLength: quantized })
        : undefined

    const fill = async (signal: AbortSignal) => {
      const filled = await weights
        .fill({ checkpoint, derived, signal, onProgress: (loaded) => progress('weights', loaded) })
        .finally(() => derived?.dispose())
      progress('compile', total)
      return filled
    }
    const compile = async () => {
      const turns = createTurns()
      const made: { forward?: Forward } = {}
      const initial = initialState(architecture.state(config), config)
      const onGrow = async () => made.forward?.rebind()
      const budgets = stateBudgets(initial.byteLength, memoryByteLength)
      const sizes = { slots: Math.floor(budgets.first / initial.byteLength), budgetByteLength: budgets.pool }
      const pool = owner.own(createStatePool(gpu, { initial, layers: config.L, ...sizes, turns, onGrow }))
      const creating = createForward(gpu, { architecture, config, weights, pool, preset, turns, kernels })
      made.forward = owner.own(await creating)
      return { pool, budgets, forward: made.forward }
    }
    const test = () => requireTrust(device, { architecture, codec, embedding: embeddingBeside(codec, tensors) })
    const prepare = () => preparing(() => gpu.scoped('the forward pass', () => both(compile, test)))
    const [{ fingerprint, inspect }, [states]] = await both(fill, prepare, options.signal)
    options.signal?.throwIfAborted()
    const info: ModelInfo = {
      name,
      config,
      state: architecture.state(config),
      license: description.license,
      fingerprint,
      weights: codec,
      weightByteLength,
      stateByteLength: states.pool.stateByteLength,
      adapter: gpu.adapter,
      preset: preset.name,
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
    const parts = { gpu, info, description, ...states, inspect, found, readStart, openTemporaryFile, mostRows, owner }
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

/** A quantised model keeps the embedding as its file has it. */
function embeddingBeside(codec: WeightFormat, tensors: OpenedModel['tensors']): Dtype | undefined {
  return isQuantized(codec) ? tensors.get('emb.weight')?.dtype : undefined
}

/** @throws RwkvError `gpu/wrong-results` unless the kernels for these weights compute what they should on this GPU. */
async function requireTrust(
  { gpu, preset, kernels, tested }: Device,
  { codec, ...kind }: { architecture: Architecture; codec: WeightFormat; embedding: Dtype | undefined },
): Promise<void> {
  const key = `${kind.architecture.version} ${codec} ${kind.embedding}`
  const test = () => selfTest(gpu, { ...kind, codec, preset, kernels })
  const isRight = tested.get(key) ?? (await gpu.scoped('the self-test', test))
  tested.set(key, isRight)
  if (isRight) return
  throw new RwkvError(
    'gpu/wrong-results',
    `${wrongResults(gpu, codec)}, so a model would only say nonsense. Update the graphics driver.`,
  )
}

function wrongResults({ adapter: { vendor, architecture } }: Gpu, codec: WeightFormat): string {
  const name = [vendor, architecture].filter(Boolean).join(' ') || 'unnamed'
  return `This GPU (${name}) computes wrong results with ${codec} weights`
}

/**
 * `auto` keeps what the matrices are, all of one type or else f32, which holds all of them exactly. What a quantised model
 * keeps as it is does not count where all others are of q8.
 */
function chooseFormat(
  wanted: LoadOptions['weights'] = 'auto',
  specs: readonly TensorSpec[],
  tensors: OpenedModel['tensors'],
): WeightFormat {
  if (wanted !== 'auto') return wanted
  const matrices = specs.filter(({ kind }) => kind === 'matrix')
  const found = matrices.flatMap((spec) => {
    const tensor = tensors.get(spec.name)
    return tensor ? [{ format: storedFormat(tensor), isKept: spec.isExact || spec.name === 'emb.weight' }] : []
  })
  const formats = (all: typeof found) => [...new Set(all.map(({ format }) => format))]
  if (formats(found.filter(({ isKept }) => !isKept)).join() === 'q8') return 'q8'
  const [format, ...others] = formats(found)
  return format && others.length === 0 ? format : 'f32'
}
