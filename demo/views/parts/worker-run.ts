/** @file A worker that lives as long as one run in it, so that ending the run frees all it took. */

import { type Remote, wrap } from 'comlink'
import { startWorker, watch } from '../../../src/client/load-model.ts'

/** What `run` gets from the worker at `url`. Rejects with the signal's reason when it is aborted, or with why it failed. */
export async function runInWorker<Exposed, Found>(
  url: string,
  signal: AbortSignal,
  run: (exposed: Remote<Exposed>) => Promise<Found>,
): Promise<Found> {
  signal.throwIfAborted()
  const worker = startWorker(url)
  const life = watch(worker)
  const abort = () => life.end(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await life.guard(run(wrap<Exposed>(worker)))
  } finally {
    signal.removeEventListener('abort', abort)
    worker.terminate()
  }
}
