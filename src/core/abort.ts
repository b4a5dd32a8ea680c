/** @file Telling an abort from a failure that happens to come after one. */

/** True if `error` is what `signal` ended the work with. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason
}
