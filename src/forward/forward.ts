/**
 * @file The forward pass of a model of any version: from ids through its layers to logits and ids drawn from them; and the
 * steps in which it is carried out, traced or timed. Letters: B batch entries, N token rows of all entries together,
 * C channels, L layers, V vocabulary.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { KernelTime, ModelConfig } from '../core/protocol.ts'
import type { Turns } from '../core/turns.ts'
import type { Buffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { createDispatchList, type DispatchList, type DispatchSpec, type KernelCache } from '../gpu/dispatch-list.ts'
import { nudged } from '../gpu/nudge.ts'
import { profile } from '../gpu/profile.ts'
import { createReadbackRing, type ReadbackRing } from '../gpu/readback-ring.ts'
import { type Copy, type Dispatch, type StepShape, submit } from '../gpu/recorder.ts'
import { gatherNorm } from '../kernels/gather-norm.ts'
import { matmul, type RowKernel } from '../kernels/matmul.ts'
import type { Preset } from '../kernels/preset.ts'
import { sample } from '../kernels/sample.ts'
import type { Architecture, LayerDispatch } from './architecture.ts'
import { createDrawBuffers, type DrawBuffers } from './draw-buffers.ts'
import type { GpuWeights } from './gpu-weights.ts'
import { createScratch, logitsStride, type Scratch } from './scratch.ts'
import type { GpuStatePool } from './state-pool.ts'
import { createStepBuffer, ROW_LENGTH, type StepBuffer, type StepEntry, type StepLimits } from './step-buffer.ts'
import { createWatch, type TracedLayer, tracePoints, type Watched } from './watch.ts'

/** What the dispatches of a forward pass are bound to. */
interface ForwardParts {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly weights: GpuWeights
  readonly scratch: Scratch
  readonly step: StepBuffer
  readonly draws: DrawBuffers
  readonly stateOf: GpuStatePool['layer']
  readonly preset: Preset
  readonly kernel: RowKernel
  readonly watched?: Buffer | undefined
}

/** (B, T) ids -> logits (outputs, V) and ids drawn from them, while the states of the batch move on by T tokens. */
function forwardPass({ architecture, weights, draws, stateOf, ...parts }: ForwardParts): LayerDispatch[] {
  const { config, preset, kernel, scratch, step } = parts
  const { drawn } = draws
  const R = architecture.state(config).reduce((sum, { count }) => sum + count, 0)
  return [
    ...gatherNorm({
      preset,
      matrix: weights.emb,
      index: step.rows,
      indexStride: ROW_LENGTH,
      drawn,
      norm: weights.ln0,
      isNormed: config.hasNormedEmbedding,
      out: scratch.x,
      count: 'rows',
    }),
    ...weights.layers.flatMap((own, layer) =>
      architecture.layer({ ...parts, R, layer, state: stateOf(layer), weights: own }),
    ),
    ...gatherNorm({
      preset,
      matrix: asMatrix(scratch.x, config),
      index: step.outputs,
      indexStride: 1,
      drawn,
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
      epilogue: 'store',
      rowCount: step.outputCount,
      count: 'outputs',
    }),
    sample({ ...draws, preset, V: config.V, draws: step.draws, logits: scratch.logits }),
  ]
}

/** The residual stream as a matrix to gather rows from. */
function asMatrix(x: Buffer, { C }: ModelConfig) {
  const rows = x.byteLength / 4 / C
  return {
    label: 'x',
    rows,
    columns: C,
    pieces: [{ buffer: x, codec: 'f32', firstRow: 0, rows }],
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
  /**
   * As `step`, for entries of which ids are drawn. Resolves when the logits are there, or if only ids are wanted as soon
   * as the step is on its way.
   */
  draw(batch: readonly StepEntry[], options?: DrawOptions): Promise<Drawing>
  /** As `draw` of one entry, but for times in place of the results: what each kernel took. Where `canProfile`. */
  profile(entry: StepEntry): Promise<readonly KernelTime[]>
  /** Where replies have a place whose ids are drawn on the GPU; without a GPU there is none. */
  readonly replies: Pick<DrawBuffers, 'begin' | 'end'>
  /** Where another device takes the place of one that is lost. A step that this interrupts had no effect. */
  readonly device?: ReplaceableDevice
}

/** A device that may be lost, and is replaced then. */
export interface ReplaceableDevice {
  /** Aborted from the loss until another is there, which has a signal of its own. */
  readonly lost: AbortSignal
  /** Resolves when there is one. @throws why there will be none */
  back(): Promise<void>
}

/** On the GPU. */
export interface GpuForward extends Forward {
  /** Bind the pool's new buffers after it has grown; in a turn of its own, between steps. */
  rebind(): Promise<void>
}

/** What a traced step leaves. */
export interface TracedStep {
  readonly logits: Float32Array<ArrayBuffer>[]
  readonly layers: readonly TracedLayer[]
}

/** Options of `Forward.draw`. */
export interface DrawOptions {
  /** A single row is computed as it would be among others: by the same kernels, so with the same bits. */
  readonly isOneOfSeveral?: boolean
  /** Asked while states are computed again that were lost; what it throws is thrown, and the step had no effect. */
  readonly checkWanted?: () => void
}

/** What a step with draws gives. */
export interface Drawing {
  /** f32 (V) for each output that is not drawn from, in the order of rows. */
  readonly logits: Float32Array<ArrayBuffer>[]
  /** u32 for each that is, to be read by `readDrawn`; comes later. */
  readonly drawn: Promise<Uint32Array<ArrayBuffer>>
}

/** What there is to a step beside its dispatches. */
interface Finish {
  readonly shape: Required<StepShape>
  readonly before?: readonly Copy[]
  /** Where the ids go that it draws. */
  readonly report?: Awaited<ReturnType<ReadbackRing['next']>> | undefined
}

const nothingDrawn = Promise.resolve(new Uint32Array())

/** Steps with draws that may be on their way at a time. */
export const MOST_AHEAD = 8

const limits: StepLimits = { rows: 256, entries: 32, outputs: 32 }

/** What `createForward` takes. */
export interface ForwardOptions {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly weights: GpuWeights
  readonly pool: GpuStatePool
  readonly preset: Preset
  /** Shared with the pool: steps and growth do not overlap. */
  readonly turns: Turns
  /** What is compiled already, of this device. */
  readonly kernels: KernelCache
}

/**
 * Allocate the activations, compile the kernels and make the dispatch lists of one model.
 * @throws RwkvError `gpu/shader`; nothing stays allocated.
 */
export async function createForward(gpu: Gpu, options: ForwardOptions): Promise<GpuForward> {
  const { architecture, config, weights, pool, preset, turns, kernels } = options
  const owner = createOwner()
  const step = owner.own(createStepBuffer(gpu, limits))
  const scratch = owner.own(createScratch(gpu, { architecture, config, limits }))
  const draws = owner.own(createDrawBuffers(gpu, { V: config.V, replies: limits.outputs, draws: limits.outputs }))
  const ids = owner.own(
    createReadbackRing(gpu, { label: 'ids readback', byteLength: limits.outputs * 4, count: MOST_AHEAD }),
  )
  const stride = logitsStride(config)
  const specsOf = (kernel: RowKernel, watched?: Buffer) =>
    forwardPass({ architecture, config, weights, preset, scratch, step, draws, stateOf: pool.layer, kernel, watched })
  const bind = (specs: readonly DispatchSpec[]) => createDispatchList(gpu, kernels, specs)
  const withdraw = (list: DispatchList) => (error: unknown) => {
    list.dispose()
    throw error
  }
  /** For one token row and for several; neither is made unless both compile, and neither stays where one fails. */
  const bindBoth = async (): Promise<[DispatchList, DispatchList]> => {
    const [one, many] = [specsOf('matvec'), specsOf('matmul')]
    await Promise.all([...one, ...many].map(({ source }) => kernels(source)))
    const list = await bind(one)
    return [list, await bind(many).catch(withdraw(list))]
  }
  let [single, several] = await bindBoth().catch((error: unknown) => {
    owner.dispose()
    throw error
  })

  async function run(batch: readonly StepEntry[], { isOneOfSeveral = false }: DrawOptions = {}): Promise<Drawing> {
    const isDrawn = batch.some(({ outputs }) => typeof outputs === 'object')
    const report = isDrawn ? await ids.next() : undefined
    gpu.check()
    const shape = step.write(batch)
    const before = batch.flatMap(({ slot, keepIn }) => (keepIn === undefined ? [] : pool.copiesOf(slot, keepIn)))
    return finish((shape.rows > 1 || isOneOfSeveral ? several : single).dispatches, { shape, before, report })
  }

  async function trace(entry: StepEntry, watched: Watched): Promise<TracedStep> {
    const made = createOwner()
    try {
      const watch = await gpu.scoped('a trace', () =>
        made.own(createWatch(gpu, { architecture, config, scratch, rows: entry.ids.length, ...watched })),
      )
      const specs = specsOf(entry.ids.length === 1 ? 'matvec' : 'matmul', watch.watched)
      const { dispatches } = made.own(await bind(specs))
      gpu.check() // the model may have gone meanwhile
      const shape = step.write([entry])
      const { logits } = await finish(watch.submit({ dispatches, points: tracePoints(specs), shape }), { shape })
      return { logits, layers: await watch.read() }
    } finally {
      made.dispose()
    }
  }

  /** Submit `dispatches`, the last of a step or all of them, and read its logits; its ids are on their way. */
  async function finish(dispatches: readonly Dispatch[], { shape, before, report }: Finish): Promise<Drawing> {
    const count = shape.outputs - shape.draws
    const byteLength = count * stride * 4
    const copies: Copy[] = []
    if (count > 0)
      copies.push({ from: scratch.logits, fromOffset: 0, to: scratch.readback.buffer, toOffset: 0, byteLength })
    if (report) {
      const sizes = { fromOffset: draws.replies * 4, toOffset: 0, byteLength: shape.draws * 4 }
      copies.push({ from: draws.drawn, to: report.buffer, ...sizes })
    }
    submit(gpu, { label: 'step', dispatches, shape, ...(before && { before }), copies })
    gpu.counters.steps += 1
    gpu.counters.tokens += shape.rows
    const drawn = report ? report.read(shape.draws * 4).then((bytes) => new Uint32Array(bytes)) : nothingDrawn
    drawn.catch(() => {}) // the caller may have gone
    if (shape.outputs === 0) await nudged(gpu, gpu.device.queue.onSubmittedWorkDone())
    if (count === 0) return { logits: [], drawn }
    const bytes = await scratch.readback.read(byteLength)
    const logits = Array.from({ length: count }, (_, i) => new Float32Array(bytes, i * stride * 4, config.V))
    return { logits, drawn }
  }

  return {
    limits,
    replies: draws,
    step: async (batch) => (await turns(() => run(batch))).logits,
    draw: (batch, options) => turns(() => run(batch, options)),
    trace: (entry, watched) => turns(() => trace(entry, watched)),
    profile: (entry) =>
      turns(async () => {
        gpu.check()
        const shape = step.write([entry])
        return profile(gpu, { dispatches: (shape.rows === 1 ? single : several).dispatches, shape })
      }),
    async rebind() {
      const old = [single, several]
      ;[single, several] = await bindBoth()
      for (const list of old) list.dispose()
    },
    dispose() {
      several.dispose()
      single.dispose()
      owner.dispose()
    },
  }
}
