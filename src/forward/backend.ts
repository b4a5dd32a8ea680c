/**
 * @file What the engine needs of a backend, be it the GPU or WebAssembly: a place for each model, with its weights, its states
 * and its forward pass. Everything above it, sessions first of all, knows no difference.
 */

import type { Owned } from '../core/dispose.ts'
import type { RwkvError } from '../core/errors.ts'
import type { AdapterDescription, DeviceName, GpuCounters, ModelConfig, PresetName } from '../core/protocol.ts'
import type { TensorEntry } from '../file/checkpoint.ts'
import type { WeightPlan } from '../model/weight-plan.ts'
import type { Architecture } from './architecture.ts'
import type { Forward } from './forward.ts'
import type { CheckMemory } from './memory.ts'
import type { StatePool } from './state-pool.ts'
import type { Fill } from './weights.ts'

/** Where models are computed. The creator disposes it, and everything made from it goes with it. */
export interface Backend extends Owned {
  readonly device: DeviceName
  readonly adapter: AdapterDescription
  /** How kernels of WebGPU share their work. */
  readonly preset?: PresetName
  /** Whether products take less time in f32 than in 16 bits a weight. */
  readonly isFastestInF32: boolean
  /** What it is called where its results are wrong. */
  readonly called: string
  /** Whether a version's kernels, by formats, compute what they should here; see `selfTest`. */
  readonly tested: Map<string, boolean>
  /** Aborted once models can no longer be computed on it, with the error that says why. */
  readonly gone: AbortSignal
  /** Refuse a model that cannot fit. @throws RwkvError `gpu/limits`, `gpu/out-of-memory`, `wasm/out-of-memory` */
  checkMemory(options: CheckMemory): Promise<void>
  /** A place for a model; `onStep` is told of each forward step. */
  createPlace(onStep?: () => void): Place
}

/** Totals of one model; written by the backend alone. */
export type Counters = { -readonly [Name in keyof Omit<GpuCounters, 'prefixHits'>]: GpuCounters[Name] }

/** A place for one model, with an account and a life of its own. */
export interface Place {
  readonly counters: Counters
  /** Whether `Forward.profile` works. */
  readonly canProfile: boolean
  /** @throws RwkvError why it has ended. */
  check(): void
  /** From now on everything rejects with `reason`; the account stays readable. */
  end(reason: RwkvError): void
  /** Run what compiles and tests, and turn errors of the device into `RwkvError`s; one such work at a time. */
  prepare<T>(what: string, work: () => Promise<T>): Promise<T>
  /** Allocate the weights of a model. @throws RwkvError `…/out-of-memory`; nothing stays allocated */
  placeModel(options: PlaceModel): Promise<PlacedModel>
}

/** What `placeModel` takes. */
export interface PlaceModel {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly plan: WeightPlan
  /** Official tensor name -> entry of the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
  /** Of WebAssembly; default: as many as pay. */
  readonly threads?: number | undefined
}

/** A model that has memory. The creator disposes it. */
export interface PlacedModel extends Owned {
  readonly fill: Fill
  /** Allocate states and activations, and compile what is not compiled yet; once. They go with the model. */
  run(states: StateSizes): Promise<RunningModel>
}

/** What can be done once the weights are filled. */
export interface RunningModel {
  readonly pool: StatePool
  readonly forward: Forward
  /** Of WebAssembly: how many there are to compute it. */
  readonly threads?: number
}

/** How many states there are at first, and the bytes that they may grow to. */
export interface StateSizes {
  readonly slots: number
  readonly budgetByteLength?: number
}
