/** @file How long a prompt will still be read, from how fast it was read until now. */

import type { PromptProgress } from '../core/protocol.ts'

/** How far a prompt is read, and how long it will take. */
export interface Reading extends PromptProgress {
  readonly leftMs: number
}

/** One reading: call what this gives with each progress. Undefined for the first, which may be what was cached. */
export function createReading(now: () => number): (progress: PromptProgress) => Reading | undefined {
  let begun: { readonly at: number; readonly read: number } | undefined
  return ({ read, total }) => {
    const at = now()
    begun ??= { at, read }
    if (read <= begun.read) return undefined
    return { read, total, leftMs: ((total - read) * (at - begun.at)) / (read - begun.read) }
  }
}
