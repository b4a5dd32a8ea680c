/** @file A model's way to a device that computes it: memory, weights, kernels and their test. */

import { both } from '../core/both.ts'
import { createOwner, type Owned } from '../core/dispose.ts'
import type { LoadOptions, LoadProgress, ModelInfo, WeightFormat } from '../core/protocol.ts'
import { quantizedByteLength, weightByteLength } from '../core/tensor-spec.ts'
import { isQuantized, LAYOUT } from '../core/weight-layout.ts'
import type { Inspect } from '../forward/architecture.ts'
import type { Backend, Place, PlacedModel } from '../forward/backend.ts'
import type { MortalModel } from '../forward/durable.ts'
import { initialState } from '../forward/state-rows.ts'
import { findRescaling } from '../model/rescaled.ts'
import { isSamePlan, planned, planWeights, productFormats, type WeightPlan } from '../model/weight-plan.ts'
import { resolveSampling } from '../sample/options.ts'
import { ASSUMED_BYTES, stateBudgets } from '../session/budgets.ts'
import type { OpenDevice } from './devices.ts'
import type { Room } from './model-memory.ts'
import type { OpenedModel } from './open-model.ts'
import type { ProgressReporter } from './progress.ts'
import { isWrong, requireTrust, wrongResults } from './trust.ts'

/** What `placeModel` takes. */
export interface PlaceOptions {
  readonly opened: OpenedModel
  readonly options: LoadOptions
  readonly progress: ProgressReporter
  readonly memoryByteLength: number | undefined
  /** Told of each forward step. */
  readonly onStep: () => void
  /** Finds room for it, once it is known how much it takes. */
  readonly reserve?: (room: Room) => Promise<void>
}

/** A model on a device. The creator disposes it. */
export interface ModelOnDevice extends Owned, MortalModel {
  readonly backend: Backend
  readonly place: Place
  readonly info: ModelInfo
  readonly inspect: Inspect
  /** Bytes that it takes now: none once the device is lost. */
  byteLength(): number
}

/** How a model's weights are held. */
interface Held {
  /** What was asked for. */
  readonly weights: WeightFormat | 'auto'
  readonly plan: WeightPlan
}

/** Of memory that weights may take in f32 where their file has them in half of it. */
const WIDE_SHARE = 1 / 4

/**
 * Bring an opened model to `device`.
 * @throws RwkvError `gpu/…`, `wasm/…`, `file/…`, `store/…`; nothing stays allocated
 */
export async function placeModel(device: OpenDevice, loading: PlaceOptions): Promise<ModelOnDevice> {
  const { opened, options, memoryByteLength } = loading
  const { description, version, config, isHere } = opened
  const { name } = description
  const tensors = [...version.tensors(config)]
  const planOf = (weights: LoadOptions['weights'] = 'auto') => ({
    weights,
    plan: planWeights({ weights, specs: tensors, tensors: opened.tensors }),
  })
  const stateByteLength = initialState(version.state(config), config).byteLength
  const checkMemory = (plan: WeightPlan, isHere: boolean) =>
    device.backend.checkMemory({ name, tensors, plan, layerStateByteLength: stateByteLength / config.L, isHere })
  const bytesOf = (plan: WeightPlan) => weightByteLength(tensors, (spec) => planned(plan, spec))
  const [stored, wide] = [planOf(options.weights), planOf('f32')]
  const isWide =
    device.backend.isFastestInF32 &&
    stored.weights === 'auto' &&
    options.budgetByteLength === undefined &&
    isWider(wide.plan, stored.plan) &&
    bytesOf(wide.plan) <= (memoryByteLength ?? ASSUMED_BYTES) * WIDE_SHARE &&
    (await checkMemory(wide.plan, true).then(
      () => true,
      () => false,
    ))
  const wanted = isWide ? wide : stored
  const { plan } = wanted
  if (!isWide) await checkMemory(plan, isHere) // else its memory is the machine's, of which there is enough
  const byteLength = bytesOf(plan) + stateBudgets(stateByteLength, memoryByteLength).first
  const warnings = [...device.warnings, ...opened.warnings]
  const underWay: Promise<unknown>[] = []
  const begin = <T>(work: Promise<T>) => {
    work.catch(() => {}) // whoever needs it asks
    underWay.push(work)
    return work
  }
  // The test compiles what the model is computed by, and asks for nothing of it: not even its vocabulary needs to be there.
  const test = (held: Held) => {
    const model = { architecture: version, ...held, specs: tensors, tensors: opened.tensors }
    return begin(device.backend.createPlace().prepare('the self-test', () => requireTrust(device.backend, model)))
  }
  try {
    const tested = test(wanted)
    await begin(opened.found)
    await loading.reserve?.({ name, byteLength })
    const fetched = begin(opened.prepare())
    try {
      return await upload(device, loading, { ...wanted, warnings, fetched, tested })
    } catch (error) {
      if (!isWrong(error) || productFormats(plan, tensors).join() === 'f32') throw error
      warnings.push(
        `${wrongResults(device.backend, { plan, specs: tensors })}; f32 is used instead, which takes more memory.`,
      )
      const f32 = planOf('f32')
      return await upload(device, loading, { ...f32, warnings, fetched, tested: test(f32) })
    }
  } finally {
    await Promise.allSettled(underWay) // so nothing is after a failure
  }
}

/** Whether `wide`, all f32, is another plan and the file has no blocks, which would take many times their bytes. */
function isWider(wide: WeightPlan, stored: WeightPlan): boolean {
  return !isSamePlan(wide, stored) && ![...stored.values()].some(isQuantized)
}

/** What `upload` takes beside. */
interface Upload extends Held {
  readonly warnings: readonly string[]
  /** All of the model is here, and it is what it should be. */
  readonly fetched: Promise<void>
  /** The kernels compute what they should. */
  readonly tested: Promise<void>
}

/**
 * Bring a model's weights to where it is computed, as they arrive. Meanwhile the kernels are compiled.
 * @throws what `fetched` and `tested` do; nothing stays allocated.
 */
async function upload(
  { backend, reason }: OpenDevice,
  { opened, options, progress: reporter, memoryByteLength, onStep }: PlaceOptions,
  { weights, plan, warnings, fetched, tested }: Upload,
): Promise<ModelOnDevice> {
  const { description, checkpoint, version: architecture, config, tensors } = opened
  const owner = createOwner()
  const place = backend.createPlace(onStep)
  try {
    const total = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    const progress = (phase: LoadProgress['phase'], loaded: number) =>
      reporter.report({ phase, file: checkpoint.file, loaded, total })
    const specs = [...architecture.tensors(config)]
    const isMade = weights !== 'auto' && isQuantized(weights) && !isSamePlan(plan, planWeights({ specs, tensors }))

    const fill = async (placed: PlacedModel, signal: AbortSignal) => {
      let [isFetched, loaded] = [false, 0]
      const tell = () => isFetched && progress('weights', loaded) // until then the download is told
      const arrival = fetched.then(() => {
        isFetched = true
        tell()
      })
      arrival.catch(() => {})
      if (isMade || !opened.isReadAsItArrives) await arrival
      const kind = weights === 'auto' ? undefined : weights
      const derived =
        kind && isMade
          ? await opened.derived({ kind, origin: LAYOUT, byteLength: quantizedByteLength(specs, kind) })
          : undefined
      const onProgress = (bytes: number) => {
        loaded = bytes
        tell()
      }
      const filled = await placed.fill({ checkpoint, derived, signal, onProgress }).finally(() => derived?.dispose())
      await arrival
      progress('compile', total)
      return { ...filled, rescaling: await findRescaling(opened) }
    }
    const { byteLength: stateByteLength } = initialState(architecture.state(config), config)
    const budgets = stateBudgets(stateByteLength, memoryByteLength)
    const sizes = { slots: Math.floor(budgets.first / stateByteLength), budgetByteLength: budgets.pool }
    const allocate = async (signal: AbortSignal) => {
      const placed = owner.own(
        await place.placeModel({ architecture, config, plan, tensors, threads: options.threads }),
      )
      const weightByteLength = place.counters.gpuByteLength
      const run = () => place.prepare('the forward pass', () => placed.run(sizes))
      const [filled, running] = await both((own) => fill(placed, own), run, signal)
      return { ...filled, ...running, weightByteLength }
    }
    const [found] = await both(allocate, () => tested, options.signal)
    const { fingerprint, inspect, rescaling, pool, forward, threads, weightByteLength } = found
    options.signal?.throwIfAborted()
    const info: ModelInfo = {
      name: description.name,
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
      warnings: [...warnings, ...rescaling, ...reporter.notices],
      promptFormat: description.promptFormat,
      sampling: resolveSampling(description.sampling),
    }
    progress('ready', total)
    const byteLength = () => (backend.gone.aborted ? 0 : place.counters.gpuByteLength)
    const { gone } = backend
    return { backend, gone, place, info, inspect, pool, forward, byteLength, dispose: () => owner.dispose() }
  } catch (error) {
    owner.dispose()
    throw error
  }
}
