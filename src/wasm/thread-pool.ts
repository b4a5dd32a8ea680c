/** @file Who carries out kernels: the thread that asks, alone or with others that take a share each. */

import type { Kernels } from './kernels.ts'

/** Which part of a work a thread takes: that of `index` of `count` threads. */
export interface Share {
  readonly index: number
  readonly count: number
}

/** Threads that work together. */
export interface ThreadPool {
  /** For what one thread does by itself. */
  readonly kernels: Kernels
  /**
   * `work` calls kernels for a share, once for each thread, and decides by the share alone which. Returns when all shares are
   * done, of which none may need another.
   * @param of the weights that it is about
   */
  share(work: (kernels: Kernels, share: Share) => void, of?: string): void
}

/** All of it. */
const whole: Share = { index: 0, count: 1 }

/** The thread that asks. */
export const alone = (kernels: Kernels): ThreadPool => ({ kernels, share: (work) => work(kernels, whole) })

/** What a share has of `from` … `to`, in whole groups of `group` from `from` on: perhaps nothing. */
export function partOf(
  { index, count }: Share,
  { from, to, group }: { readonly from: number; readonly to: number; readonly group: number },
): readonly [from: number, to: number] {
  const groups = Math.ceil((to - from) / group)
  const place = (share: number) => Math.min(to, from + Math.floor((groups * share) / count) * group)
  return [place(index), place(index + 1)]
}
