/**
 * @file What a version of RWKV is to the backend in WebAssembly: the same weights and activations as on the GPU, at addresses,
 * and a layer as a function that calls kernels. Letters as in `architecture.ts`.
 */

import type { ModelConfig } from '../core/protocol.ts'
import type { Address } from '../wasm/kernels.ts'
import type { WasmMatrix } from '../wasm/matrix.ts'
import type { Products } from '../wasm/products.ts'
import type { ThreadPool } from '../wasm/thread-pool.ts'
import type { AllocateF32, CommonScratch, WeightTable } from './layer-memory.ts'
import type { StepLimits } from './step-buffer.ts'

/** A version's own side of the backend, with its types. */
export interface WasmSide<Weights, Scratch> {
  readonly weights: (table: WeightTable<Address, WasmMatrix>, config: ModelConfig, layer: number) => Weights
  readonly scratch: (f32: AllocateF32<Address>, config: ModelConfig, limits: StepLimits) => Scratch
  /** x moves on, and the layer's states with it. */
  readonly layer: (parts: WasmLayer<Weights, Scratch>) => void
}

/** With its own types hidden. */
export type WasmVersion = WasmSide<unknown, unknown>

/** Close a version's side: what it allocates is handed back to it alone. */
export const wasmVersion = <Weights, Scratch>(side: WasmSide<Weights, Scratch>): WasmVersion =>
  side as unknown as WasmVersion

/** What a layer is computed with. */
export interface WasmLayer<Weights, Scratch> extends ThreadPool {
  readonly config: ModelConfig
  readonly layer: number
  readonly weights: Weights
  /** `normed`, f32 (N, C), holds LN of x after `shiftMix`, and is free then. */
  readonly scratch: Scratch & CommonScratch<Address>
  readonly products: Products
  /** Token rows of the step. */
  readonly N: number
  readonly entries: readonly WasmEntry[]
  /** f32 (N, C): where a step that is traced leaves what else is gone when it is read. */
  readonly watched?: Address | undefined
  /** Call it where all values of the layer are in their places, and x is not yet added to. */
  readonly onTracePoint: () => void
}

/** Token rows of one state. */
export interface WasmEntry {
  readonly firstRow: number
  readonly rows: number
  /** f32 (R, C): what the state remembers of this layer. */
  readonly state: Address
}

/** What `shiftMix` takes. */
export interface ShiftMix {
  /** f32 (2 + mixes, C): LN scale, LN bias, mixes. */
  readonly normMix: Address
  readonly mixes: number
  /** Which row of the state the token before is in. */
  readonly row: number
  /** f32 (mixes, N, C). */
  readonly mixed: Address
}

/** mixed[m] = a · mix[m] + (a of the token before) · (1 - mix[m]), a = LN(x); the state's row moves on. */
export function shiftMix(
  { config: { C }, scratch: { x, normed }, kernels, N, entries }: WasmLayer<unknown, unknown>,
  { normMix, mixes, row, mixed }: ShiftMix,
): void {
  kernels.layerNorm(x, N, C, normMix, normed)
  for (const { firstRow, rows, state } of entries) {
    const [from, before] = [firstRow * C * 4, state + row * C * 4]
    kernels.shiftMix(normed + from, rows, C, normMix + 2 * C * 4, mixes, before, mixed + from, N * C * 4)
    kernels.storeShift(normed + from, rows, C, before)
  }
}
