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
import type { Contestant } from './rounds.ts'
import type { Workload } from './workload.ts'

/** What entrants are opened with. */
export interface Context {
  readonly workload: Workload
  readonly engine: Engine
  /** Where the peers' packages are served. */
  readonly packages: string
  /** Our model in f32. */
  readonly model: Model
  /** Our model in another weight format; undefined where the engine does not know it. */
  readonly modelIn: (weights: string) => Promise<Model | undefined>
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
]

/** They run a graph of RWKV-4. */
function peer<Name extends string>(
  name: Name,
  open: (name: Name, context: Context) => Promise<Opened | undefined>,
): Entrant {
  return {
    name,
    tolerance: EXACT,
    open: async (context) => (context.model.info.config.version === 4 ? open(name, context) : undefined),
  }
}

function ours(weights: string, tolerance: number): Entrant {
  return ofModel({ name: `ours-${weights}`, weights, tolerance, chunk: 1, contestant: stepping })
}

function prefill(name: string, weights: string, tolerance: number): Entrant {
  return ofModel({ name, weights, tolerance, chunk: 256, contestant: prefilling })
}

interface OfModel extends Pick<Entrant, 'name' | 'tolerance'> {
  readonly weights: string
  /** In which it is fed what is compared. */
  readonly chunk: number
  readonly contestant: typeof stepping
}

/** A model and a state of it. */
function ofModel({ name, weights, tolerance, chunk, contestant }: OfModel): Entrant {
  return {
    name,
    tolerance,
    async open({ modelIn }) {
      const model = await modelIn(weights)
      if (!model) return undefined
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

/** Models of one engine by weight format, each loaded once; undefined where the engine does not know the format. */
export function createModels(engine: Engine, url: string): (weights: string) => Promise<Model | undefined> {
  const models = new Map<string, Promise<Model | undefined>>()
  const load = async (weights: string) => {
    try {
      return await engine.loadModel(url, { weights: weights as NonNullable<LoadOptions['weights']> })
    } catch (error) {
      if (isRwkvError(error, 'option/invalid')) return undefined
      throw error
    }
  }
  return (weights) => {
    const model = models.get(weights) ?? load(weights)
    models.set(weights, model)
    return model
  }
}
