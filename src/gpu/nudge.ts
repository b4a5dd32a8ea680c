/** @file Waiting for the GPU where a browser only now and then looks whether it is done. */

import type { Gpu } from './device.ts'

const NUDGE_MS = 4 // less is not granted to a timer

/**
 * Wait for `pending`, which settles when submitted work is done, as `gpu.guard` does. Firefox looks for that every 100 ms
 * and whenever something is submitted: there, nothing is, again and again.
 */
export async function nudged<T>(gpu: Pick<Gpu, 'device' | 'onlyPolls' | 'guard'>, pending: Promise<T>): Promise<T> {
  const nudging = gpu.onlyPolls ? setInterval(() => gpu.device.queue.submit([]), NUDGE_MS) : undefined
  try {
    return await gpu.guard(pending)
  } finally {
    clearInterval(nudging)
  }
}
