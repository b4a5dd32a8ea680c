/**
 * @file The whole RWKV-4 forward pass, in the order of the data; each line stands for one or more dispatches. Letters:
 * B batch entries, N token rows of all entries together, C channels, F channel-mix width, L layers, V vocabulary.
 * Source: arXiv 2305.13048; checked against tests/oracle/rwkv4.ts.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig } from '../core/protocol.ts'
import type { Turns } from '../core/turns.ts'
import type { Buffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { createDispatchList, type DispatchList, type DispatchSpec, type KernelCache } from '../gpu/dispatch-list.ts'
import { type Dispatch, type StepShape, submit } from '../gpu/recorder.ts'
import { gatherNorm } from '../kernels/gather-norm.ts'
import { matmul, type RowKernel } from '../kernels/matmul.ts'
import type { Preset } from '../kernels/preset.ts'
import { channelMixV4 } from './channel-mix-v4.ts'
import type { ForwardV4Parts } from './parts-v4.ts'
import { createScratchV4, logitsStride } from './scratch-v4.ts'
import type { StatePool } from './state-pool.ts'
import { createStepBuffer, ROW_LENGTH, type StepEntry, type StepLimits } from './step-buffer.ts'
import { timeMixV4 } from './time-mix-v4.ts'
import { createWatchV4, type TracedLayer, type Watched } from './watch-v4.ts'
import type { WeightsV4 } from './weights-v4.ts'

/** (B, T) ids -> logits (outputs, V), while the states of the batch move on by T tokens. */
function forwardV4(parts: ForwardV4Parts): DispatchSpec[] {
  const { config, weights, preset, kernel, scratch, step } = parts
  const layers = Array.from({ length: config.L }, (_, layer) => layer)
  return [
    ...gatherNorm({
      preset,
      matrix: weights.emb,
      index: step.rows,
      indexStride: ROW_LENGTH,
      norm: weights.ln0,
      out: scratch.x,
      count: 'rows',
    }),
    ...layers.flatMap((layer) => [...timeMixV4(parts, layer), ...channelMixV4(parts, layer)]),
    ...gatherNorm({
      preset,
      matrix: asMatrix(scratch.x, config),
      index: step.outputs,
      indexStride: 1,
      norm: weights.lnOut,
      out: scratch.normed,
      count: 'outputs',
    }),
    ...matmul({
      preset,
      kernel,
      matrix: weights.head,
      input: scratch.normed,
      out: scratch.logits,
      epilogue: 'plain',
      rowCount: step.outputCount,
      count: 'outputs',
    }),
  ]
}

/** The residual stream as a matrix to gather rows from. */
function asMatrix(x: Buffer, { C }: ModelConfig) {
  const rows = x.byteLength / 4 / C
  return {
    label: 'x',
    codec: 'f32',
    rows,
    columns: C,
    pieces: [{ buffer: x, firstRow: 0, rows }],
    dispose() {},
  } as const
}

/** A forward pass ready to run. The creator disposes it. */
export interface Forward extends Owned {
  readonly limits: StepLimits
  /**
   * Advance each entry's state by its ids, in one submit. Entries must have distinct slots and at least one id each,
   * and stay within `limits`; steps are carried out in the order of the calls.
   * @returns f32 (V) for each output, in the order of rows.
   */
  step(batch: readonly StepEntry[]): Promise<Float32Array<ArrayBuffer>[]>
  /**
   * As `step` of one entry, while values are read out of its layers. What that takes is made for it and given back.
   * @returns f32 (V) for each output, and the values of each layer asked for
   */
  trace(entry: StepEntry, watched: Watched): Promise<TracedStep>
  /** Bind the pool's new buffer after it has grown; in a turn of its own, between steps. */
  rebind(): Promise<void>
}

/** What a traced step leaves. */
export interface TracedStep {
  readonly logits: Float32Array<ArrayBuffer>[]
  readonly layers: readonly TracedLayer[]
}

const limits: StepLimits = { rows: 256, entries: 32, outputs: 32 }

/** What `createForwardV4` takes. */
export interface ForwardV4Options {
  readonly config: ModelConfig
  readonly weights: WeightsV4
  readonly pool: StatePool
  readonly preset: Preset
  /** Shared with the pool: steps and growth do not overlap. */
  readonly turns: Turns
  /** What is compiled already, of this device. */
  readonly kernels: KernelCache
}

/** Allocate the activations, compile the kernels and make the dispatch lists of one model. */
export async function createForwardV4(gpu: Gpu, options: ForwardV4Options): Promise<Forward> {
  const { config, weights, pool, preset, turns, kernels } = options
  const owner = createOwner()
  const step = owner.own(createStepBuffer(gpu, limits))
  const scratch = owner.own(createScratchV4(gpu, config, limits))
  const stride = logitsStride(config)
  const bind = async (kernel: RowKernel, watched?: Buffer): Promise<DispatchList> =>
    createDispatchList(
      gpu,
      kernels,
      forwardV4({ config, weights, preset, scratch, step, state: pool.buffer, kernel, watched }),
    )
  let [single, several] = await Promise.all([bind('matvec'), bind('matmul')])

  async function run(batch: readonly StepEntry[]): Promise<Float32Array<ArrayBuffer>[]> {
    gpu.check()
    const shape = step.write(batch)
    return finish((shape.rows === 1 ? single : several).dispatches, shape)
  }

  async function trace(entry: StepEntry, watched: Watched): Promise<TracedStep> {
    gpu.check()
    const made = createOwner()
    try {
      const watch = await gpu.scoped('a trace', () =>
        made.own(createWatchV4(gpu, { config, scratch, rows: entry.ids.length, ...watched })),
      )
      const { dispatches } = made.own(await bind(entry.ids.length === 1 ? 'matvec' : 'matmul', watch.wkv))
      const shape = step.write([entry])
      const logits = await finish(watch.submit(dispatches, shape), shape)
      return { logits, layers: await watch.read() }
    } finally {
      made.dispose()
    }
  }

  /** Submit `dispatches`, the last of a step or all of them, and read its logits. */
  async function finish(dispatches: readonly Dispatch[], shape: StepShape): Promise<Float32Array<ArrayBuffer>[]> {
    const byteLength = shape.outputs * stride * 4
    const copies = [{ from: scratch.logits, fromOffset: 0, to: scratch.readback.buffer, toOffset: 0, byteLength }]
    submit(gpu, { label: 'step', dispatches, shape, copies: byteLength > 0 ? copies : [] })
    gpu.counters.steps += 1
    gpu.counters.tokens += shape.rows
    if (byteLength === 0) {
      await gpu.guard(gpu.device.queue.onSubmittedWorkDone())
      return []
    }
    const bytes = await scratch.readback.read(byteLength)
    return Array.from({ length: shape.outputs }, (_, i) => new Float32Array(bytes, i * stride * 4, config.V))
  }

  return {
    limits,
    step: (batch) => turns(() => run(batch)),
    trace: (entry, watched) => turns(() => trace(entry, watched)),
    async rebind() {
      const old = [single, several]
      ;[single, several] = await Promise.all([bind('matvec'), bind('matmul')])
      for (const list of old) list.dispose()
    },
    dispose() {
      several.dispose()
      single.dispose()
      owner.dispose()
    },
  }
}
