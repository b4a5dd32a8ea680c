/** @file Waiting for some time, unless it is ended, and for how long before another try. */

/** Milliseconds after so many failures in a row: `first`, then twice as many each time, at most `longest`. */
export const backoff = (failures: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.max(0, failures - 1), longest)

/** @throws the signal's reason, if it was aborted before or is in between */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
