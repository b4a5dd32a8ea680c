/**
 * @file The forward pass in WebAssembly: a step is computed when it is asked for, in the thread that asks and those that help it. Ids are drawn by
 * whoever gets the logits. Letters as in `architecture.ts`.
 */

import { nextTask } from '../core/next-task.ts'
import type { ModelConfig, TraceName } from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import { codecs } from '../wasm/codes.ts'
import type { Address } from '../wasm/kernels.ts'
import type { WasmMatrix } from '../wasm/matrix.ts'
import type { ModelMemory } from '../wasm/memory.ts'
import { allocateProducts, createProducts } from '../wasm/products.ts'
import type { ThreadPool } from '../wasm/thread-pool.ts'
import type { OwnedThreadPool } from '../wasm/threads.ts'
import { timeKernels } from '../wasm/timed.ts'
import type { Architecture } from './architecture.ts'
import type { Counters } from './backend.ts'
import type { Forward } from './forward.ts'
import type { CommonScratch } from './layer-memory.ts'
import { logitsStride } from './scratch.ts'
import type { StepEntry, StepLimits } from './step-buffer.ts'
import { createThreadTrial } from './thread-trial.ts'
import type { WasmStatePool } from './wasm-pool.ts'
import type { TracedLayer, Watched } from './watch.ts'
import type { Weights } from './weights.ts'

/** All weights of a model, at addresses. */
export type WasmWeights = Weights<unknown, Address, WasmMatrix>

/** Fewer rows than on the GPU: they take memory, and gain nothing beyond this. */
const limits: StepLimits = { rows: 64, entries: 32, outputs: 32 }

/** What `createWasmForward` takes. */
export interface WasmForwardOptions {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly weights: WasmWeights
  /** Its threads; as many are used as pay, or all. */
  readonly threadPool: OwnedThreadPool
  readonly usesAll: boolean
  /** Called when the activations are allocated: the pool comes last. */
  readonly createPool: () => WasmStatePool
  readonly counters: Counters
  readonly onStep: () => void
  /** @throws RwkvError once its model has gone. */
  readonly check: () => void
}

/** Allocate the activations of one model. */
export function createWasmForward(
  memory: ModelMemory,
  { architecture, config, weights, threadPool, usesAll, createPool, counters, check, onStep }: WasmForwardOptions,
): { readonly pool: WasmStatePool; readonly forward: Omit<Forward, 'dispose'> } {
  const { L, C, V, F, hasNormedEmbedding } = config
  const R = architecture.state(config).reduce((sum, { count }) => sum + count, 0)
  const f32 = (_: string, length: number) => memory.allocate(length * 4)
  const stride = logitsStride(config)
  const scratch: CommonScratch<Address> = {
    ...(architecture.wasm.scratch(f32, config, limits) as object),
    x: f32('x', limits.rows * C),
    normed: f32('normed', limits.rows * C),
    logits: f32('logits', limits.outputs * stride),
  }
  const room = allocateProducts(memory, Math.max(C, F), threadPool.size)
  const watched = f32('watched', limits.rows * C)
  const pool = createPool()
  const turns = createTurns()

  const trials = { one: createThreadTrial(threadPool.size), several: createThreadTrial(threadPool.size) }

  /** Carry out a step with as many threads as pay. */
  function run(batch: readonly StepEntry[], onLayer?: (layer: number) => void): Float32Array<ArrayBuffer>[] {
    const rows = batch.reduce((sum, { ids }) => sum + ids.length, 0)
    const trial = rows === 1 ? trials.one : trials.several
    threadPool.use(usesAll ? threadPool.size : trial.next())
    const begun = now()
    const logits = runBy(threadPool, batch, onLayer)
    if (rows === 1 || rows >= LEAST_ROWS) trial.took((now() - begun) / rows)
    return logits
  }

  /** `onLayer` is told where a trace finds the values of a layer. */
  function runBy(
    { kernels, share }: ThreadPool,
    batch: readonly StepEntry[],
    onLayer?: (layer: number) => void,
  ): Float32Array<ArrayBuffer>[] {
    check()
    const products = createProducts({ kernels, share }, room)
    for (const { slot, keepIn } of batch) if (keepIn !== undefined) pool.copy(slot, keepIn)
    const ids = batch.flatMap((entry) => entry.ids)
    const N = ids.length
    const { emb } = weights
    ids.forEach((id, n) => {
      kernels.decode(codecs[emb.codec], emb.at + id * emb.rowByteLength, C, scratch.x + n * C * 4)
    })
    if (!hasNormedEmbedding) kernels.layerNorm(scratch.x, N, C, weights.ln0, scratch.x)

    let row = 0
    const outputs: number[] = [] // rows whose logits are wanted
    const entries = batch.map(({ slot, ids, outputs: wanted }) => {
      const firstRow = row
      row += ids.length
      if (wanted === 'all') outputs.push(...ids.map((_, i) => firstRow + i))
      else if (wanted !== 'none') outputs.push(row - 1)
      return { firstRow, rows: ids.length, start: pool.addressOf(slot) }
    })
    for (let layer = 0; layer < L; layer++) {
      architecture.wasm.layer({
        ...{ config, layer, scratch, kernels, share, products, N },
        weights: weights.layers[layer],
        entries: entries.map(({ start, ...rows }) => ({ ...rows, state: start + layer * R * C * 4 })),
        watched: onLayer && watched,
        onTracePoint: () => onLayer?.(layer),
      })
    }

    outputs.forEach((from, o) => {
      kernels.layerNorm(scratch.x + from * C * 4, 1, C, weights.lnOut, scratch.normed + o * C * 4)
    })
    if (outputs.length > 0) {
      const rows = { input: scratch.normed, count: outputs.length, out: scratch.logits, outStride: stride }
      products.multiply({ matrix: weights.head, ...rows })
    }
    counters.steps += 1
    counters.tokens += N
    onStep()
    return outputs.map((_, o) => memory.floats(scratch.logits + o * stride * 4, V).slice())
  }

  /** Values of a layer, copied out of the places where the version leaves them. */
  function read(of: readonly TraceName[], N: number): TracedLayer {
    const places = { ...scratch, watched } as unknown as Readonly<Record<string, Address>>
    return new Map(
      of.map((name) => {
        const { from, part, parts } = architecture.traced[name]
        const all = memory.floats(places[from] as Address, N * parts * C)
        const values = new Float32Array(N * C)
        for (let n = 0; n < N; n++) values.set(all.subarray((n * parts + part) * C, (n * parts + part + 1) * C), n * C)
        return [name, values]
      }),
    )
  }

  /** In a task of its own, so that messages come through between steps. */
  const step = <T>(work: () => T) =>
    turns(async () => {
      await nextTask()
      return work()
    })

  return {
    pool,
    forward: {
      limits,
      replies: { begin: () => undefined, end() {} },
      step: (batch) => step(() => run(batch)),
      draw: (batch) => step(() => ({ logits: run(batch), drawn: nothingDrawn })),
      trace: (entry, { layers, of }: Watched) =>
        step(() => {
          const values: TracedLayer[] = []
          const logits = run([entry], (layer) => {
            if (layers.includes(layer)) values.push(read(of, entry.ids.length))
          })
          return { logits, layers: values }
        }),
      profile: (entry) => step(() => timeKernels(memory.kernels, now, (alone) => runBy(alone, [entry]))),
    },
  }
}

/** Steps of fewer take too little for their times to say anything about others. */
const LEAST_ROWS = 16

const now = () => performance.now()
const nothingDrawn = Promise.resolve(new Uint32Array())
