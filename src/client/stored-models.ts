/** @file What rwkv.js keeps on this device: to be shown, and to be removed. */

import { type Remote, wrap } from 'comlink'
import type { StoredModel } from '../core/protocol.ts'
import type { RemoteEngine } from '../core/remote.ts'
import { carryErrors } from '../core/transfer.ts'
import { type EngineChoice, startWorker, watch } from './load-model.ts'

type Where = Pick<EngineChoice, 'workerUrl'>

/** Models kept on this device, whole or in part; asked in a worker of its own. @throws RwkvError `worker/unavailable`. */
export function storedModels(where?: Where): Promise<readonly StoredModel[]> {
  return askWorker((remote) => remote.storedModels(), where)
}

/** Remove a model, as `storedModels` names it. @throws RwkvError `worker/unavailable`. */
export function removeStoredModel(model: string, where?: Where): Promise<void> {
  return askWorker((remote) => remote.removeStoredModel(model), where)
}

/** Ask the browser not to clear what is kept when room gets scarce; false if it does not promise. */
export async function keepStoredModels(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false
}

/** Bytes this origin uses and may use, as far as the browser says; a write may still fail. */
export async function storageRoom(): Promise<{ readonly usedByteLength: number; readonly quotaByteLength: number }> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  return { usedByteLength: usage, quotaByteLength: quota }
}

async function askWorker<T>(ask: (remote: Remote<RemoteEngine>) => Promise<T>, { workerUrl }: Where = {}): Promise<T> {
  carryErrors()
  const thread = startWorker(workerUrl)
  try {
    return await watch(thread).guard(ask(wrap<RemoteEngine>(thread)))
  } finally {
    thread.terminate()
  }
}
