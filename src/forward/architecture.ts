/**
 * @file What a version of RWKV is to the runtime: its marks, tensors, state, weights, activations, the
 * dispatches of a layer, and known answers. The runtime is handed one and knows none; `src/rwkv/` has them. Letters: N token
 * rows of a step, B batch entries, O outputs, L layers, C channels, F channel-mix width, V vocabulary, R rows of the state.
 */

import type { Inspection, ModelConfig, StateRows, TraceName } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'
import type { QuantFormat } from '../core/weight-layout.ts'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { LayerState } from '../kernels/layer-state.ts'
import type { RowKernel } from '../kernels/matmul.ts'
import type { Preset } from '../kernels/preset.ts'
import type { ModelVersion } from '../model/version.ts'
import type { ReplyRules } from './draw-buffers.ts'
import type { AllocateF32, CommonScratch, WeightTable } from './layer-memory.ts'
import type { StepBuffer, StepLimits } from './step-buffer.ts'
import type { WasmVersion } from './wasm-version.ts'

/** A version, as its folder writes it: with weights of a layer and activations of its own types. */
export interface Version<Weights, Scratch> extends ModelVersion {
  readonly tensors: (config: ModelConfig) => Iterable<TensorSpec>
  /** What a layer remembers, in the order in which it lies in the state. */
  readonly state: (config: ModelConfig) => readonly StateRows[]
  /** Allocate the weights of a layer. Embedding, ln0, lnOut and head are the runtime’s. */
  readonly weights: (table: WeightTable, config: ModelConfig, layer: number) => Weights
  /** Allocate the activations that are not of every version. */
  readonly scratch: (f32: AllocateF32, config: ModelConfig, limits: StepLimits) => Scratch
  /** The dispatches of a layer, in the order of the data: x moves on, and the layer's state with it. */
  readonly layer: (parts: LayerParts<Weights, Scratch>) => readonly LayerDispatch[]
  /** The same in WebAssembly. */
  readonly wasm: WasmVersion
  /** Where a trace finds the values of a layer, on either. */
  readonly traced: Readonly<Record<TraceName, TracePlace<Scratch>>>
  /**
   * What states of a model say about themselves; by names, `vectors` are its weights that are no matrices, `sums` those of the
   * absolute values in each column of matrices that are summed.
   */
  readonly inspector: (
    config: ModelConfig,
    vectors: ReadonlyMap<string, Float32Array>,
    sums: ReadonlyMap<string, Float32Array>,
  ) => Inspect
  readonly known: KnownAnswers
}

/** A version with its own types hidden. */
export type Architecture = Version<unknown, unknown>

/** Close a version: what it allocates is handed back to it alone. */
export const architecture = <Weights, Scratch>(version: Version<Weights, Scratch>): Architecture =>
  version as unknown as Architecture

/** What the dispatches of a layer are bound to. */
export interface LayerParts<Weights, Scratch> {
  readonly config: ModelConfig
  readonly layer: number
  readonly weights: Weights
  readonly scratch: Scratch & CommonScratch
  readonly step: StepBuffer
  readonly state: LayerState
  /** Rows of C numbers that a layer remembers. */
  readonly R: number
  readonly preset: Preset
  /** For steps of one token row, or of several. */
  readonly kernel: RowKernel
  /** f32 (N, C): where a step that is traced leaves what else is gone when it is read. */
  readonly watched?: Buffer | undefined
}

/** A dispatch of a layer. */
export interface LayerDispatch extends DispatchSpec {
  /** After this one, a trace finds all values of the layer in their places. */
  readonly isTracePoint?: boolean
}

/** A value of a layer: which buffer of (N, parts, C), and which of the parts. */
export interface TracePlace<Scratch> {
  readonly from: (keyof (Scratch & CommonScratch) & string) | 'watched'
  readonly part: number
  readonly parts: number
}

/** Look at a state, f32 (L, R, C), and with `earlier` at what came since. */
export type Inspect = (rows: Float32Array, earlier?: EarlierState) => Inspection

/** A state some ids ago. */
export interface EarlierState {
  /** f32 (L, R, C). */
  readonly rows: Float32Array
  /** Ids since then. */
  readonly tokens: number
}

/** What the weights were made to hold: `full` is every format that is not quantised, `coarse` see `coarse.ts`. */
type Holding = 'full' | QuantFormat | 'coarse'

/** A made-up model and what it must say, for the self-test. Proven by the oracle and the CPU's sampler in tests. */
export interface KnownAnswers {
  /** Sizes that leave a remainder for every tile and every lane. */
  readonly config: ModelConfig
  readonly seed: number
  /** What is fed, each at once: by `matvec`, by `matmul`, and by `matvec` from the state that this leaves. */
  readonly ids: readonly (readonly number[])[]
  /** f32 (V) after each. */
  readonly logits: Readonly<Record<Holding, readonly (readonly number[])[]>>
  /** Draws after the first of these steps, and the ids that come of them. */
  readonly draws: { readonly rules: ReplyRules; readonly ids: Readonly<Record<Holding, readonly number[]>> }
}
