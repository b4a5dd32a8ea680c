/** @file One run of a transformer: a worker that lives as long, so that ending it frees all it took. */

import { proxy, wrap } from 'comlink'
import { startWorker, watch } from '../../../src/client/load-model.ts'
import workerUrl from './transformer.worker.ts?worker&url'
import type { TransformerListener, TransformerRequest, TransformerWorker } from './transformer-protocol.ts'

/** Fetch, load and run what is asked for. Rejects with the signal's reason when it is aborted, or with why it failed. */
export async function runTransformer(
  request: TransformerRequest,
  { signal, ...listener }: TransformerListener & { readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted()
  const worker = startWorker(workerUrl)
  const life = watch(worker)
  const abort = () => life.end(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    await life.guard(wrap<TransformerWorker>(worker).run(request, proxy(listener)))
  } finally {
    signal.removeEventListener('abort', abort)
    worker.terminate()
  }
}
