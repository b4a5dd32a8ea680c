/** @file The backend in WebAssembly: each model has a memory of its own, and is computed by the thread that asks. */

import { RwkvError } from '../core/errors.ts'
import { weightByteLength } from '../core/tensor-spec.ts'
import { hasLevels } from '../core/weight-layout.ts'
import { planned } from '../model/weight-plan.ts'
import { type Address, compileKernels } from '../wasm/kernels.ts'
import { createMatrix, type WasmMatrix, writeRows } from '../wasm/matrix.ts'
import { createModelMemory, MOST_BYTES, type ModelMemory } from '../wasm/memory.ts'
import type { Backend, Counters, Place, PlacedModel, PlaceModel } from './backend.ts'
import { sayBytes } from './memory.ts'
import { initialState } from './state-rows.ts'
import { createWasmForward } from './wasm-forward.ts'
import { createWasmPool } from './wasm-pool.ts'
import { createWeights, type WeightMemory } from './weights.ts'

const BESIDE_BYTES = 64 * 1024 * 1024 // activations and first states

/** The backend. @throws RwkvError `wasm/unavailable` */
export async function createWasmBackend(): Promise<Backend> {
  const { module, isRelaxed } = await compileKernels()
  let ended: RwkvError | undefined
  const check = () => {
    if (ended) throw ended
  }
  return {
    device: 'wasm',
    adapter: {
      vendor: '',
      architecture: 'wasm',
      description: 'The CPU, by WebAssembly SIMD',
      isFallback: false,
      features: isRelaxed ? ['relaxed-simd'] : [],
      limits: { maxMemoryByteLength: MOST_BYTES },
    },
    isDecoding: true,
    called: 'WebAssembly',
    tested: new Map(),
    isLost: () => ended !== undefined,
    async checkMemory({ name, tensors, plan }) {
      const needed = weightByteLength(tensors, (spec) => planned(plan, spec)) + BESIDE_BYTES
      if (needed > MOST_BYTES)
        throw new RwkvError(
          'wasm/out-of-memory',
          `${name} takes ${sayBytes(needed)}, and WebAssembly has at most ${sayBytes(MOST_BYTES)}. Load smaller weights (weights: 'q8'), a smaller model, or use WebGPU.`,
        )
    },
    createPlace: (onStep = () => {}) => createWasmPlace(module, { check, onStep }),
    dispose() {
      ended ??= new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.')
    },
  }
}

interface PlaceParts {
  /** @throws RwkvError once the backend has ended. */
  readonly check: () => void
  readonly onStep: () => void
}

const emptyCounters = (): Counters => ({
  ...{ steps: 0, tokens: 0, dispatches: 0, submits: 0, created: 0 },
  ...{ bytesReadBack: 0, gpuByteLength: 0 },
})

function createWasmPlace(module: WebAssembly.Module, { check: checkBackend, onStep }: PlaceParts): Place {
  const counters = emptyCounters()
  let ended: RwkvError | undefined
  const check = () => {
    if (ended) throw ended
    checkBackend()
  }
  return {
    counters,
    canProfile: false,
    check,
    end(reason) {
      ended ??= reason
    },
    prepare: (_, work) => work(),
    async placeModel(options) {
      const memory = createModelMemory(module, (byteLength) => {
        counters.gpuByteLength += byteLength
      })
      try {
        return place(memory, options, { counters, check, onStep })
      } catch (error) {
        memory.dispose()
        throw error
      }
    },
  }
}

/** A model in `memory`, which goes with it. */
function place(
  memory: ModelMemory,
  { architecture, config, plan, tensors }: PlaceModel,
  { onStep, ...parts }: PlaceParts & { readonly counters: Counters },
): PlacedModel {
  const { check } = parts
  const weightMemory: WeightMemory<Address, WasmMatrix> = {
    createVectors: (_, length) => memory.allocate(length * 4),
    createMatrix: ({ columns, stacked }) => {
      const [first = 'f32', ...others] = new Set(stacked.map(({ codec }) => codec))
      const rows = stacked.reduce((sum, { rows }) => sum + rows, 0)
      const codec = others.length > 0 || hasLevels(first) ? 'f32' : first // which holds them all
      return createMatrix(memory, { codec, rows, columns })
    },
    writeVector: (at, from, values) => memory.floats(at + from * 4, values.length).set(values),
    codecAt: ({ codec }) => codec,
    writeRows: (matrix, row, encoded) => writeRows(memory, matrix, row, encoded),
    check,
    settle: async () => {},
  }
  const options = { architecture, config, plan, tensors, layer: architecture.wasm.weights }
  const weights = createWeights(weightMemory, options)
  return {
    fill: weights.fill,
    async run(sizes) {
      const initial = initialState(architecture.state(config), config)
      const createPool = () => createWasmPool(memory, { ...sizes, initial, check })
      const of = { architecture, config, weights, createPool, onStep, ...parts }
      const { pool, forward } = createWasmForward(memory, of)
      const goesWithModel = { dispose() {} }
      return { pool: { ...pool, ...goesWithModel }, forward: { ...forward, ...goesWithModel } }
    },
    dispose: () => memory.dispose(),
  }
}
