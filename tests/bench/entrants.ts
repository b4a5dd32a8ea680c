/**
 * @file Who may take part, by name. Another weight format or another peer is a line more; a weight format that the engine
 * does not know yet is left out with a line that says so.
 */

import { isRwkvError } from '../../src/core/errors.ts'
import type { DeviceName, LoadOptions, Model } from '../../src/core/protocol.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { batching, checkIds, prefilling, stepping } from './ours.ts'
import { openJax } from './peers/jax.ts'
import { openOnnxruntime } from './peers/onnxruntime.ts'
import { openWllama } from './peers/wllama.ts'
import type { Contestant } from './rounds.ts'
import type { Workload } from './workload.ts'

/** Our model in a weight format, computed by so many threads (default 1); undefined where the engine does not know the format. */
type ModelIn = (weights: string, threads?: number) => Promise<Model | undefined>

/** What entrants are opened with. */
export interface Context {
  readonly workload: Workload
  readonly engine: Engine
  /** Where the peers' packages are served. */
  readonly packages: string
  /** Our model in f32. */
  readonly model: Model
  readonly modelIn: ModelIn
}

/** A contestant ready to run. */
export interface Opened {
  readonly contestant: Contestant
  /** f32 (V): the logits after `checkIds`, the first that it was fed. */
  readonly logits: Float32Array
  dispose(): Promise<unknown>
}

/** Somebody who may take part. */
export interface Entrant {
  readonly name: string
  /** Most that its logits may be off, in standard deviations of the logits of `ours-f32` (root mean square). */
  readonly tolerance: number
  /** Where it takes part; default: on any. */
  readonly on?: DeviceName
  /** Undefined if this build cannot do it. */
  open(context: Context): Promise<Opened | undefined>
}

const EXACT = 1e-3 // f32 sums in another order; right ones are below 1e-5, see the tests
const BATCH = 8

/** All of them, `ours-f32` first: the others are compared with it. */
export const entrants: readonly Entrant[] = [
  ours('f32', EXACT),
  ours('f16', 0.01),
  ours('q8', 0.05),
  ours('q4', 0.5),
  prefill('prefill', 'f32', EXACT),
  { ...prefill('prefill-q8', 'q8', 0.05), on: 'wasm' },
  { ...twoThreads('two-threads-q8', 'q8', 0.05), on: 'wasm' },
  {
    name: 'batch8',
    tolerance: EXACT,
    async open({ model }) {
      const states = await Promise.all(Array.from({ length: BATCH }, () => model.createState()))
      for (const id of checkIds(model)) await model.feedBatch(states.map((state) => ({ state, ids: [id] })))
      const [first] = states
      if (!first) throw new RangeError('no states')
      return {
        contestant: batching('batch8', model, states),
        logits: await first.logits(),
        dispose: () => Promise.all(states.map((state) => state.dispose())),
      }
    },
  },
  { ...peer('ort-webgpu', openOnnxruntime), on: 'webgpu' },
  { ...peer('ort-gemm-webgpu', openOnnxruntime), on: 'webgpu' },
  peer('ort-wasm', openOnnxruntime),
  { ...peer('jax-webgpu', openJax), on: 'webgpu' },
  { ...peer('wllama-q8', openWllama, 7), tolerance: 0.05, on: 'wasm' },
  { ...peer('prefill-wllama-q8', openWllama, 7), tolerance: 0.05, on: 'wasm' },
]

/** @param version of RWKV, the one that it runs */
function peer<Name extends string>(
  name: Name,
  open: (name: Name, context: Context) => Promise<Opened | undefined>,
  version = 4,
): Entrant {
  return {
    name,
    tolerance: EXACT,
    open: async (context) => (context.model.info.config.version === version ? open(name, context) : undefined),
  }
}

function ours(weights: string, tolerance: number): Entrant {
  return ofModel({ name: `ours-${weights}`, weights, tolerance, chunk: 1, contestant: stepping })
}

function prefill(name: string, weights: string, tolerance: number): Entrant {
  return ofModel({ name, weights, tolerance, chunk: 256, contestant: prefilling })
}

function twoThreads(name: string, weights: string, tolerance: number): Entrant {
  return ofModel({ name, weights, tolerance, chunk: 1, contestant: stepping, threads: 2 })
}

interface OfModel extends Pick<Entrant, 'name' | 'tolerance'> {
  readonly weights: string
  readonly threads?: number
  /** In which it is fed what is compared. */
  readonly chunk: number
  readonly contestant: typeof stepping
}

/** A model and a state of it. */
function ofModel({ name, weights, threads, tolerance, chunk, contestant }: OfModel): Entrant {
  return {
    name,
    tolerance,
    async open({ modelIn }) {
      const model = await modelIn(weights, threads)
      if (!model) return undefined
      if (threads && model.info.threads !== threads)
        throw new Error(`${model.info.threads} threads; asked for ${threads}`)
      const state = await model.createState()
      await state.feed(checkIds(model), { chunk })
      return {
        contestant: contestant(name, model, state),
        logits: await state.logits(),
        dispose: () => state.dispose(),
      }
    },
  }
}

/** Models of one engine, each loaded once. */
export function createModels(engine: Engine, url: string): ModelIn {
  const models = new Map<string, Promise<Model | undefined>>()
  const load = async (weights: string, threads: number) => {
    try {
      return await engine.loadModel(url, { weights: weights as NonNullable<LoadOptions['weights']>, threads })
    } catch (error) {
      if (isRwkvError(error, 'option/invalid')) return undefined
      throw error
    }
  }
  return (weights, threads = 1) => {
    const key = `${weights} by ${threads}`
    const model = models.get(key) ?? load(weights, threads)
    models.set(key, model)
    return model
  }
}
