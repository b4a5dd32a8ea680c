/**
 * @file Dispatches made once and submitted many times: a step creates nothing but its encoder, pass and command buffer.
 */

import type { Buffer } from './buffer.ts'
import type { Gpu } from './device.ts'
import type { Kernel } from './kernel.ts'

/** What a step is about, as far as the grids of its dispatches depend on it. */
export interface StepShape {
  /** N: token rows of all batch entries together. */
  readonly rows: number
  /** B: batch entries. */
  readonly entries: number
  /** Rows whose logits are wanted. */
  readonly outputs: number
  /** Those of them from which an id is drawn; none if left out. */
  readonly draws?: number
}

/** Workgroups of a dispatch; a zero anywhere leaves the dispatch out. */
export type Grid = (shape: StepShape) => readonly [number, number, number]

/** One kernel over fixed bindings. */
export interface Dispatch {
  readonly label: string
  readonly pipeline: GPUComputePipeline
  readonly bindGroup: GPUBindGroup
  readonly grid: Grid
}

/** A buffer, or `byteLength` bytes of it from `offset` (a multiple of 256). */
export type Binding = Buffer | { readonly buffer: Buffer; readonly offset: number; readonly byteLength: number }

/** Bind `bindings` in order to `kernel`. */
export function createDispatch(
  gpu: Gpu,
  { label, kernel, bindings, grid }: { label: string; kernel: Kernel; bindings: readonly Binding[]; grid: Grid },
): Dispatch {
  gpu.counters.created += 1
  const bindGroup = gpu.device.createBindGroup({
    label,
    layout: kernel.layout,
    entries: bindings.map((bound, binding) => ({
      binding,
      resource:
        'offset' in bound
          ? { buffer: bound.buffer.gpu, offset: bound.offset, size: bound.byteLength }
          : { buffer: bound.gpu },
    })),
  })
  return { label, pipeline: kernel.pipeline, bindGroup, grid }
}

/** A copy to make before or after the dispatches of a step. */
export interface Copy {
  readonly from: Buffer
  readonly fromOffset: number
  readonly to: Buffer
  readonly toOffset: number
  readonly byteLength: number
}

/** Record the copies of `before`, `dispatches` in order in one pass, then `copies`, and submit all at once. */
export function submit(
  gpu: Gpu,
  {
    label,
    dispatches,
    shape,
    before = [],
    copies = [],
  }: {
    label: string
    dispatches: readonly Dispatch[]
    shape: StepShape
    before?: readonly Copy[]
    copies?: readonly Copy[]
  },
): void {
  gpu.check()
  const { device, counters } = gpu
  const encoder = device.createCommandEncoder({ label })
  const copy = ({ from, fromOffset, to, toOffset, byteLength }: Copy) =>
    encoder.copyBufferToBuffer(from.gpu, fromOffset, to.gpu, toOffset, byteLength)
  before.forEach(copy)
  if (dispatches.length > 0) recordPass(gpu, encoder, { label, dispatches, shape })
  copies.forEach(copy)
  device.queue.submit([encoder.finish()])
  counters.submits += 1
}

/** Record `dispatches` in order in one pass. */
export function recordPass(
  gpu: Gpu,
  encoder: GPUCommandEncoder,
  {
    dispatches,
    shape,
    ...descriptor
  }: GPUComputePassDescriptor & { dispatches: readonly Dispatch[]; shape: StepShape },
): void {
  const pass = encoder.beginComputePass(descriptor)
  let pipeline: GPUComputePipeline | undefined
  for (const dispatch of dispatches) {
    const [x, y, z] = dispatch.grid(shape)
    if (x * y * z === 0) continue
    if (dispatch.pipeline !== pipeline) {
      pipeline = dispatch.pipeline
      pass.setPipeline(pipeline)
    }
    pass.setBindGroup(0, dispatch.bindGroup)
    pass.dispatchWorkgroups(x, y, z)
    gpu.counters.dispatches += 1
  }
  pass.end()
}
