/** @file One run of a transformer. */

import { proxy } from 'comlink'
import { runInWorker } from '../parts/worker-run.ts'
import workerUrl from './transformer.worker.ts?worker&url'
import type { TransformerListener, TransformerRequest, TransformerWorker } from './transformer-protocol.ts'

/** Fetch, load and run what is asked for. Rejects with the signal's reason when it is aborted, or with why it failed. */
export function runTransformer(
  request: TransformerRequest,
  { signal, ...listener }: TransformerListener & { readonly signal: AbortSignal },
): Promise<void> {
  return runInWorker<TransformerWorker, void>(workerUrl, signal, (worker) => worker.run(request, proxy(listener)))
}
