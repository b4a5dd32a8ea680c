/** @file Times of kernels, summed over the layers of a model. */

import type { KernelTime } from './protocol.ts'

/** One time that a kernel ran, by a label that names its layer, such as `matvec blocks.3.ffn.value[0]`. */
export interface KernelSpan {
  readonly label: string
  readonly elapsedMs: number
}

/** One entry for each kernel and what it is for, all layers together. */
export function summedSpans(spans: readonly KernelSpan[]): KernelTime[] {
  const sums = new Map<string, KernelTime>()
  for (const { label, elapsedMs: ownMs } of spans) {
    const kernel = withoutPlace(label)
    const { dispatches = 0, elapsedMs = 0 } = sums.get(kernel) ?? {}
    sums.set(kernel, { kernel, dispatches: dispatches + 1, elapsedMs: elapsedMs + ownMs })
  }
  return [...sums.values()]
}

/** A label without layer and rows: `matvec blocks.3.ffn.value[0]` is `matvec ffn.value`, `kvr-wkv 3` `kvr-wkv`. */
const withoutPlace = (label: string): string => label.replace(/ \d+|\[\d+\]|blocks\.\d+\./g, '')
