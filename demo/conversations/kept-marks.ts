/** @file How many marks go with what is kept of a conversation: each takes a state, which may be kilobytes or megabytes. */

import type { ModelInfo } from '../../src/index.ts'

const MIB = 1024 * 1024

/** For the marks of a branch, whatever room there is. */
export const LEAST_BRANCH_BYTES = 2 * MIB

/** As many marks as so many bytes hold, from `least` to `most`. */
export function marksWithin(
  byteLength: number,
  info: Pick<ModelInfo, 'stateByteLength'> | undefined,
  { least = 0, most }: { readonly least?: number; readonly most: number },
): number {
  const fitting = Math.floor(byteLength / (info?.stateByteLength ?? byteLength))
  return Math.min(most, Math.max(least, fitting))
}

/**
 * Bytes for the marks of a branch, so far back one gets at once after a reload: a share of the room that the browser
 * gives this page, but no more than can be read without a wait.
 */
export async function branchByteLength(): Promise<number> {
  const { quota = 0 } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {}
  return Math.max(LEAST_BRANCH_BYTES, Math.min(quota / 2000, 32 * MIB))
}
