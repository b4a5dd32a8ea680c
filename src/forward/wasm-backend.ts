/** @file The backend in WebAssembly: each model has a memory of its own, and is computed by the thread that asks and those that help it. */

import { RwkvError } from '../core/errors.ts'
import { weightByteLength } from '../core/tensor-spec.ts'
import { planned } from '../model/weight-plan.ts'
import { type Address, compileKernels, type KernelModule } from '../wasm/kernels.ts'
import { createMatrix, type WasmMatrix, writeRows } from '../wasm/matrix.ts'
import { createModelMemory, MOST_BYTES, type ModelMemory } from '../wasm/memory.ts'
import { createThreadPool, type OwnedThreadPool, type Threads } from '../wasm/threads.ts'
import type { Backend, Counters, Place, PlacedModel, PlaceModel } from './backend.ts'
import { sayBytes } from './memory.ts'
import { initialState } from './state-rows.ts'
import { createWasmForward } from './wasm-forward.ts'
import { createWasmPool } from './wasm-pool.ts'
import { createWeights, type WeightMemory } from './weights.ts'

const BESIDE_BYTES = 64 * 1024 * 1024 // activations and first states

/**
 * The backend; without `threads`, everything is computed by the thread that asks.
 * @throws RwkvError `wasm/unavailable`
 */
export async function createWasmBackend(threads?: Threads): Promise<Backend> {
  const own = await compileKernels({ isShared: false })
  let shared: Promise<KernelModule> | undefined
  const modules = {
    own,
    shared: () => {
      shared ??= compileKernels({ isShared: true })
      return shared
    },
  }
  const end = new AbortController()
  return {
    device: 'wasm',
    adapter: {
      vendor: '',
      architecture: 'wasm',
      description: 'The CPU, by WebAssembly SIMD',
      isFallback: false,
      features: own.isRelaxed ? ['relaxed-simd'] : [],
      limits: { maxMemoryByteLength: MOST_BYTES },
    },
    isFastestInF32: false, // 169M, CPU ms a token: f16 15.9, f32 17.4
    called: 'WebAssembly',
    tested: new Map(),
    gone: end.signal,
    async checkMemory({ name, tensors, plan }) {
      const needed = weightByteLength(tensors, (spec) => planned(plan, spec)) + BESIDE_BYTES
      if (needed > MOST_BYTES)
        throw new RwkvError(
          'wasm/out-of-memory',
          `${name} takes ${sayBytes(needed)}, and WebAssembly has at most ${sayBytes(MOST_BYTES)}. Load smaller weights (weights: 'q8'), a smaller model, or use WebGPU.`,
        )
    },
    createPlace: (onStep = () => {}) => createWasmPlace({ modules, threads, gone: end.signal, onStep }),
    dispose() {
      end.abort(new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.'))
    },
  }
}

interface PlaceParts {
  readonly modules: { readonly own: KernelModule; readonly shared: () => Promise<KernelModule> }
  readonly threads: Threads | undefined
  /** Aborted once the backend has ended. */
  readonly gone: AbortSignal
  readonly onStep: () => void
}

const emptyCounters = (): Counters => ({
  ...{ steps: 0, tokens: 0, dispatches: 0, submits: 0, created: 0 },
  ...{ bytesReadBack: 0, gpuByteLength: 0 },
})

function createWasmPlace({ modules, threads, gone, onStep }: PlaceParts): Place {
  const counters = emptyCounters()
  let ended: RwkvError | undefined
  const check = () => {
    if (ended) throw ended
    gone.throwIfAborted()
  }
  return {
    counters,
    canProfile: true,
    check,
    end(reason) {
      ended ??= reason
    },
    prepare: (_, work) => work(),
    async placeModel(options) {
      const size = threads ? threadCount(options.threads, threads.cores) : 1
      const onGrow = (byteLength: number) => {
        counters.gpuByteLength += byteLength
      }
      const memory =
        (size > 1 && sharedMemory(await modules.shared(), onGrow)) || createModelMemory(modules.own, onGrow)
      const threadPool = createThreadPool(memory, size, threads?.start)
      const dispose = () => {
        threadPool.then((threadPool) => threadPool.dispose())
        memory.dispose()
      }
      try {
        return { ...place(memory, options, { threadPool, counters, check, onStep }), dispose }
      } catch (error) {
        dispose()
        throw error
      }
    },
  }
}

/** Undefined where it is refused: all that it may grow to is set aside at once, which small devices lack the room for. */
function sharedMemory(module: KernelModule, onGrow: (byteLength: number) => void): ModelMemory | undefined {
  try {
    return createModelMemory(module, onGrow)
  } catch {
    return
  }
}

const MOST_UNASKED = 8 // what is read from memory is read no faster by more

/** As many as were asked for, or may pay: one core is left to the page. */
function threadCount(wanted: number | undefined, cores: number): number {
  return Math.max(1, Math.min(wanted ?? Math.min(cores - 1, MOST_UNASKED), cores))
}

/** A model in `memory`, computed by `threadPool`. */
function place(
  memory: ModelMemory,
  { architecture, config, plan, tensors, threads }: PlaceModel,
  {
    threadPool,
    onStep,
    ...parts
  }: Pick<PlaceParts, 'onStep'> &
    Pick<Place, 'check'> & {
      readonly threadPool: Promise<OwnedThreadPool>
      readonly counters: Counters
    },
): Omit<PlacedModel, 'dispose'> {
  const { check } = parts
  const weightMemory: WeightMemory<Address, WasmMatrix> = {
    createVectors: (_, length) => memory.allocate(length * 4),
    createMatrix: ({ label, columns, stacked }) => {
      const [first = 'f32', ...others] = new Set(stacked.map(({ codec }) => codec))
      const rows = stacked.reduce((sum, { rows }) => sum + rows, 0)
      const codec = others.length > 0 ? 'f32' : first // which holds them all
      return createMatrix(memory, { label, codec, rows, columns })
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
      const usesAll = threads !== undefined
      const of = { architecture, config, weights, threadPool: await threadPool, usesAll, createPool, onStep, ...parts }
      const { pool, forward } = createWasmForward(memory, of)
      const goesWithModel = { dispose() {} }
      return {
        pool: { ...pool, ...goesWithModel },
        forward: { ...forward, ...goesWithModel },
        threads: of.threadPool.size,
      }
    },
  }
}
