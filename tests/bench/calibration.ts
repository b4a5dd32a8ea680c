/** @file What the adapter can do at best: kernels that only read, and one that only computes. Measured in every round. */

import { createOwner, type Owned } from '../../src/core/dispose.ts'
import { type Buffer, createBuffer } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createDispatchList, createKernelCache, type DispatchSpec } from '../../src/gpu/dispatch-list.ts'
import { submit } from '../../src/gpu/recorder.ts'
import fmaCode from './fma.wgsl?raw'
import type { Contestant } from './rounds.ts'
import streamingReadCode from './streaming-read.wgsl?raw'

const READ_BYTES = 64 * 1024 * 1024 // more than a CPU's caches hold
const VECTORS = 2048 // an invocation
const FMA_INVOCATIONS = 4096
const FMA_WORKGROUP = 8
const LOOPS = 1024
const FLOP_A_LOOP = 96 // as in the shader

/** Neighbours that read together, and sizes of workgroups: software adapters like the first ones, GPUs the last. */
const readers = [
  { LANES: 1, WORKGROUP: 8 },
  { LANES: 4, WORKGROUP: 8 },
  { LANES: 32, WORKGROUP: 64 },
]

/** The calibrating contestants; of several readers the fastest counts. The creator disposes their buffers. */
export interface Calibration extends Owned {
  readonly contestants: readonly Contestant[]
  /** f32 (invocations, 4): what the last run computed, so that tests see that it did. */
  readonly sums: Buffer
}

/** Compile the kernels and fill the memory that they read. */
export async function createCalibration(gpu: Gpu): Promise<Calibration> {
  const owner = createOwner()
  const storage = (label: string, byteLength: number) =>
    owner.own(createBuffer(gpu, { label, byteLength, use: 'storage' }))
  const values = storage('values to read', READ_BYTES)
  gpu.device.queue.writeBuffer(values.gpu, 0, new Float32Array(READ_BYTES / 4).fill(1))
  const invocations = READ_BYTES / 16 / VECTORS
  const sums = storage('sums', Math.max(invocations, FMA_INVOCATIONS) * 16)
  const kernels = createKernelCache(gpu)

  const contestant = async (
    unit: Contestant['unit'],
    units: number,
    { label, ...spec }: Omit<DispatchSpec, 'params'>,
  ): Promise<Contestant> => {
    const { dispatches } = owner.own(await createDispatchList(gpu, kernels, [{ label, params: [], ...spec }]))
    return {
      name: label,
      unit,
      units,
      run() {
        submit(gpu, { label, dispatches, shape: { rows: 0, entries: 0, outputs: 0 } })
        return gpu.guard(gpu.device.queue.onSubmittedWorkDone())
      },
    }
  }

  const contestants = await Promise.all([
    ...readers.map(({ LANES, WORKGROUP }) =>
      contestant('GB', READ_BYTES / 1e9, {
        label: `streaming-${LANES}x${WORKGROUP}`,
        source: {
          label: 'streaming-read',
          parts: [{ name: 'streaming-read.wgsl', code: streamingReadCode }],
          bindings: ['uniform', 'read', 'read_write'],
          constants: { VECTORS, LANES, WORKGROUP },
        },
        bindings: [values, sums],
        grid: () => [invocations / WORKGROUP, 1, 1],
      }),
    ),
    contestant('GFLOP', (FMA_INVOCATIONS * LOOPS * FLOP_A_LOOP) / 1e9, {
      label: 'fma',
      source: {
        label: 'fma',
        parts: [{ name: 'fma.wgsl', code: fmaCode }],
        bindings: ['uniform', 'read_write'],
        constants: { LOOPS, WORKGROUP: FMA_WORKGROUP },
      },
      bindings: [sums],
      grid: () => [FMA_INVOCATIONS / FMA_WORKGROUP, 1, 1],
    }),
  ])
  return { contestants, sums, dispose: () => owner.dispose() }
}
