/** @file A run of the benchmark, from who takes part to what it came to; in a worker, beside the GPU. */

import { wrap } from 'comlink'
import type { Owned } from '../../src/core/dispose.ts'
import type { AdapterDescription, DeviceName, ModelConfig } from '../../src/core/protocol.ts'
import { createEngine } from '../../src/engine.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import type { Threads } from '../../src/wasm/threads.ts'
import { createCalibration } from './calibration.ts'
import { createModels, entrants } from './entrants.ts'
import { countersOf, type TokenCounters } from './ours.ts'
import { openPositions } from './positions.ts'
import { PROMPT_LENGTH, type TokenSize } from './ratios.ts'
import { openReader, readMemory } from './read-memory.ts'
import { type Contestant, type Costs, type Moment, measureRounds } from './rounds.ts'
import { relativeError } from './statistics.ts'
import { type Shape, smallOf, workloadOf } from './workload.ts'

/** What is asked of a run. */
export interface Plan {
  readonly shape: Shape
  readonly device: DeviceName
  /** A module that reads memory, for the CPU: see read-probe.mjs. */
  readonly probe: readonly number[]
  readonly rounds: number
  /** Names of contestants and of single figures; undefined takes all. */
  readonly only: readonly string[] | undefined
  /** URLs, ending in `/`: of the folder of built-in models, and of the peers' packages. */
  readonly models: string
  readonly packages: string
}

/** What the page does for the worker. */
export interface Host {
  now(): Promise<Moment>
  /** Of the worker's JavaScript, after a collection. */
  heapByteLength(): Promise<number>
  log(line: string): void
}

/** A number, or bytes on the GPU and in JavaScript. */
export type Figure = number | { readonly gpu: number; readonly js: number }

/** What a run found. */
export interface Found {
  readonly adapter: AdapterDescription
  readonly token: TokenSize
  readonly counters: TokenCounters
  /** Milliseconds a unit, a round each. */
  readonly costs: Costs
  readonly units: Readonly<Record<string, Contestant['unit']>>
  /** Relative error of the logits before timing. */
  readonly errors: Readonly<Record<string, number>>
  /** Figures that are no ratio of times. */
  readonly figures: Readonly<Record<string, Figure>>
}

const SPAN_MS = 400 // of one contestant in one round

const threads: Threads = {
  cores: navigator.hardwareConcurrency,
  start(onError) {
    const worker = new Worker(new URL('./thread.worker.ts', import.meta.url), { type: 'module' })
    worker.onerror = onError
    return worker
  },
}

/** Open, check, measure. @throws Error if the logits of a contestant are wrong: what is wrong is not timed. */
export async function runPlan(plan: Plan, host: Host): Promise<Found> {
  const wants = (...names: string[]) => !plan.only || names.some((name) => plan.only?.includes(name))
  const calibration = await calibrationOn(plan)
  const workload = workloadOf(plan.shape, plan.models)
  const small = smallOf(plan.shape, plan.models)
  const fetch: typeof workload.fetch = (input, init) =>
    (String(input).startsWith(small.url) ? small : workload).fetch(input, init)
  const engine = createEngine({ gpu: navigator.gpu, device: plan.device, fetch, threads })
  const modelIn = createModels(engine, workload.url)
  const model = await modelIn('f32')
  if (!model) throw new Error('an engine without f32')
  const contestants = [...calibration.contestants]
  const errors: Record<string, number> = {}
  const disposers: (() => Promise<unknown>)[] = []

  let reference: Float32Array | undefined
  for (const { name, tolerance, on, open } of entrants) {
    if ((on && on !== plan.device) || (!wants(name) && reference)) continue
    const opened = await open({ workload, engine, packages: plan.packages, model, modelIn })
    if (!opened) {
      host.log(`${name}: left out, this build does not know it`)
      continue
    }
    reference ??= opened.logits
    const error = relativeError(opened.logits, reference)
    host.log(`${name}: logits off by ${error.toExponential(1)}, allowed ${tolerance}`)
    if (!(error <= tolerance)) throw new Error(`${name} computes other logits: off by ${error}, allowed ${tolerance}`)
    errors[name] = error
    contestants.push(opened.contestant)
    disposers.push(opened.dispose)
  }

  const figures: Record<string, Figure> = {}
  const storyteller = createModels(engine, workloadOf('tiny', plan.models).url)
  if (wants('early', 'late', 'memoryGrowthBytes')) {
    const positions = await openPositions(await engine.loadModel(small.url), () => host.heapByteLength())
    contestants.push(...positions.contestants)
    disposers.push(positions.dispose)
    figures.memoryGrowthBytes = positions.growth
  }
  for (const [figure, weights] of [
    ['nllQ8', 'q8'],
    ['nllQ4', 'q4'],
  ] as const) {
    if (!wants(figure)) continue
    const quantised = await storyteller(weights)
    const whole = await storyteller('f32')
    if (!(quantised && whole)) continue
    const text = await (await fetch(`${plan.models}storyteller/heldout.txt`)).text()
    figures[figure] = (await quantised.evaluate(text)).nllPerToken - (await whole.evaluate(text)).nllPerToken
  }

  const counters = await countersOf(model)
  const costs = await measureRounds(contestants, {
    rounds: plan.rounds,
    now: () => host.now(),
    spanMs: SPAN_MS,
    onRound: (round) => host.log(`round ${round + 1} of ${plan.rounds}`),
  })
  for (const dispose of disposers) await dispose()
  calibration.dispose()
  await engine.dispose()
  const units = Object.fromEntries(contestants.map(({ name, unit }) => [name, unit]))
  const { adapter } = model.info
  return { adapter, token: tokenSizeOf(model.info.config), counters, costs, units, errors, figures }
}

/** What the device can do at best. */
async function calibrationOn({
  device,
  probe,
}: Plan): Promise<Owned & { readonly contestants: readonly Contestant[] }> {
  if (device === 'wasm') {
    const worker = new Worker(new URL('./read-memory.worker.ts', import.meta.url), { type: 'module' })
    const bytes = Uint8Array.from(probe)
    const other = await wrap<typeof openReader>(worker)(bytes)
    const contestants = readMemory(await openReader(bytes), async () => other())
    return { contestants, dispose: () => worker.terminate() }
  }
  const gpu = await createGpu(navigator.gpu)
  const calibration = await createCalibration(gpu)
  const dispose = () => {
    calibration.dispose()
    gpu.dispose()
  }
  return { contestants: calibration.contestants, dispose }
}

/** What a token reads and computes, by the shapes of the matrices. */
function tokenSizeOf(config: ModelConfig): TokenSize {
  let body = 0
  let head = 0
  for (const { name, shape } of tensorsOf(config)) {
    const [rows = 0, columns = 0] = shape
    if (name === 'head.weight') head = rows * columns
    else if (name !== 'emb.weight') body += rows * columns
  }
  return { stepGB: ((body + head) * 4) / 1e9, promptGFLOP: (2 * (body + head / PROMPT_LENGTH)) / 1e9 }
}
