/** @file Work that is asked for more often than it need be done. */

/**
 * A function that has `work` done now, or where it was just done or still goes on, once more after that; never more often
 * than every `everyMs`. What `work` rejects with goes to `onError`.
 */
export function createThrottle(
  work: () => Promise<void>,
  everyMs: () => number,
  onError: (error: unknown) => void,
): () => void {
  let isBusy = false
  let isWanted = false
  return function ask(): void {
    isWanted = true
    if (isBusy) return
    isBusy = true
    isWanted = false
    const pause = new Promise((resolve) => setTimeout(resolve, everyMs()))
    void Promise.all([work().catch(onError), pause]).then(() => {
      isBusy = false
      if (isWanted) ask()
    })
  }
}
