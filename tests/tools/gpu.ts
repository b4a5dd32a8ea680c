/**
 * @file A GPU for one test: fails where there is no adapter, fails on any error the GPU reports, whoever caused it, and
 * checks that the test gave back every byte.
 */

import { expect } from 'vitest'
import { type Buffer, createBuffer, createReadback } from '../../src/gpu/buffer.ts'
import { createGpu, type Gpu } from '../../src/gpu/device.ts'
import {
  createDispatchList,
  createKernelCache,
  type DispatchSpec,
  type KernelCache,
} from '../../src/gpu/dispatch-list.ts'
import { type StepShape, submit } from '../../src/gpu/recorder.ts'
import { createDawn } from './dawn.ts'

/** Run `work` on a fresh device. */
export async function withGpu(work: (gpu: Gpu) => Promise<void>): Promise<void> {
  const gpu = await createGpu(createDawn())
  const errors: string[] = []
  gpu.device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message))
  try {
    await gpu.scoped('this test', () => work(gpu))
    expect(errors).toEqual([])
    expect(gpu.counters.gpuByteLength, 'bytes still allocated').toBe(0)
  } finally {
    gpu.dispose()
  }
}

/** A storage buffer holding `values`. */
export function bufferOf(
  gpu: Gpu,
  label: string,
  values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): Buffer {
  const buffer = createBuffer(gpu, { label, byteLength: values.byteLength, use: 'storage' })
  gpu.device.queue.writeBuffer(buffer.gpu, 0, values)
  return buffer
}

/** The buffer's contents as f32. */
export async function contents(gpu: Gpu, buffer: Buffer): Promise<Float32Array> {
  const readback = createReadback(gpu, { label: 'contents', byteLength: buffer.byteLength })
  const copies = [{ from: buffer, fromOffset: 0, to: readback.buffer, toOffset: 0, byteLength: buffer.byteLength }]
  submit(gpu, { label: 'contents', dispatches: [], shape: { rows: 0, entries: 0, outputs: 0 }, copies })
  const values = new Float32Array(await readback.read(buffer.byteLength))
  readback.dispose()
  return values
}

const caches = new WeakMap<Gpu, KernelCache>()

/** What is compiled on this device. */
function kernelsOf(gpu: Gpu): KernelCache {
  const kernels = caches.get(gpu) ?? createKernelCache(gpu)
  caches.set(gpu, kernels)
  return kernels
}

/** Bind and run `specs` once; what a device has compiled is compiled once. */
export async function runOnce(gpu: Gpu, specs: readonly DispatchSpec[], shape: StepShape): Promise<void> {
  const list = await createDispatchList(gpu, kernelsOf(gpu), specs)
  submit(gpu, { label: 'test', dispatches: list.dispatches, shape })
  await gpu.guard(gpu.device.queue.onSubmittedWorkDone())
  list.dispose()
}
