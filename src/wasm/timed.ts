/** @file What each kernel takes, for a profile. */

import { type KernelSpan, summedSpans } from '../core/kernel-times.ts'
import type { KernelTime } from '../core/protocol.ts'
import type { Kernels } from './kernels.ts'
import { alone, type ThreadPool } from './thread-pool.ts'

/** Let `work` be carried out by one thread: the times of its kernels, one for each and what it is for. */
export function timeKernels(
  kernels: Kernels,
  now: () => number,
  work: (threadPool: ThreadPool) => void,
): readonly KernelTime[] {
  const spans: KernelSpan[] = []
  let about: string | undefined
  const timed = Object.fromEntries(
    Object.entries(kernels).map(([name, kernel]: [string, (...args: number[]) => void]) => [
      name,
      (...args: number[]) => {
        const begun = now()
        kernel(...args)
        spans.push({ label: about === undefined ? name : `${name} ${about}`, elapsedMs: now() - begun })
      },
    ]),
  ) as unknown as Kernels
  const { share } = alone(timed)
  work({
    kernels: timed,
    share(each, of) {
      about = of
      share(each)
      about = undefined
    },
  })
  return summedSpans(spans)
}
