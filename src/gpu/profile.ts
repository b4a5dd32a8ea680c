/**
 * @file What each kernel of a step takes on this GPU, by timestamp queries. A timestamp is written where a pass begins or
 * ends, so each dispatch gets a pass of its own: the shares are right, their sum is somewhat more than the step takes.
 */

import { createOwner } from '../core/dispose.ts'
import { summedSpans } from '../core/kernel-times.ts'
import type { KernelTime } from '../core/protocol.ts'
import { createBuffer, createReadback } from './buffer.ts'
import type { Gpu } from './device.ts'
import { type Dispatch, recordPass, type StepShape } from './recorder.ts'

/** True where the GPU has timestamp queries. */
export const canProfile = ({ device }: Gpu): boolean => device.features.has('timestamp-query')

/** Carry `dispatches` out, each timed. One entry for each kernel and what it is for, all layers together. */
export async function profile(
  gpu: Gpu,
  { dispatches, shape }: { dispatches: readonly Dispatch[]; shape: StepShape },
): Promise<readonly KernelTime[]> {
  const { device } = gpu
  const timed = dispatches.filter(({ grid }) => !grid(shape).includes(0))
  const byteLength = timed.length * 16 // two u64 of nanoseconds each
  const owner = createOwner()
  const queries = device.createQuerySet({ label: 'profile', type: 'timestamp', count: timed.length * 2 })
  owner.own({ dispose: () => queries.destroy() })
  try {
    const readback = await gpu.scoped('a profile', () => {
      const resolved = owner.own(createBuffer(gpu, { label: 'profile', byteLength, use: 'queries' }))
      const readback = owner.own(createReadback(gpu, { label: 'profile readback', byteLength }))
      const encoder = device.createCommandEncoder({ label: 'profile' })
      timed.forEach((dispatch, i) => {
        const timestampWrites = { querySet: queries, beginningOfPassWriteIndex: i * 2, endOfPassWriteIndex: i * 2 + 1 }
        recordPass(gpu, encoder, { label: dispatch.label, dispatches: [dispatch], shape, timestampWrites })
      })
      encoder.resolveQuerySet(queries, 0, timed.length * 2, resolved.gpu, 0)
      encoder.copyBufferToBuffer(resolved.gpu, 0, readback.buffer.gpu, 0, byteLength)
      device.queue.submit([encoder.finish()])
      gpu.counters.submits += 1
      return readback
    })
    const times = new BigUint64Array(await readback.read(byteLength))
    return summedSpans(
      timed.map(({ label }, i) => ({
        label,
        elapsedMs: Number((times[i * 2 + 1] ?? 0n) - (times[i * 2] ?? 0n)) / 1e6,
      })),
    )
  } finally {
    owner.dispose()
  }
}
