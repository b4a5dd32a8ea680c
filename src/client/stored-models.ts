/** @file What rwkv.js keeps on this device: to be shown, and to be removed. */

import { type Remote, wrap } from 'comlink'
import { loadOptions } from '../core/checked.ts'
import { address, checkOptions, type Table } from '../core/kinds.ts'
import type { LoadOptions, LoadProgress, StoredModel } from '../core/protocol.ts'
import type { RemoteEngine } from '../core/remote.ts'
import { carryErrors } from '../core/transfer.ts'
import { withHeartbeat } from './heartbeat.ts'
import { type EngineChoice, resolve, startWorker, watch, withPort } from './load-model.ts'

type Where = Pick<EngineChoice, 'workerUrl'>
type DownloadOptions = Pick<LoadOptions, 'headers' | 'token' | 'hubUrl' | 'signal' | 'onProgress'> & Where

const { headers, token, hubUrl, signal, onProgress } = loadOptions
const downloadOptions: Table<DownloadOptions> = { headers, token, hubUrl, signal, onProgress, workerUrl: address }

/**
 * Models kept on this device, whole or in part; asked in a worker of its own. @throws RwkvError `worker/unavailable`.
 *
 * @example
 * ```ts
 * import { downloadModel, storedModels } from 'rwkv.js'
 *
 * await downloadModel('/models/storyteller/')
 * const [kept] = await storedModels()
 * console.log(kept.storedByteLength === kept.byteLength) // → true
 * ```
 */
export function storedModels(where?: Where): Promise<readonly StoredModel[]> {
  return askWorker((remote) => remote.storedModels(), where)
}

/**
 * Remove a model by any address that `loadModel` opens it by.
 * @throws RwkvError `store/not-found` if it is not kept, `store/busy` while it is read; `worker/unavailable`
 *
 * @example
 * ```ts
 * import { downloadModel, removeStoredModel, storedModels } from 'rwkv.js'
 *
 * await downloadModel('/models/storyteller/')
 * await removeStoredModel('/models/storyteller/')
 * console.log((await storedModels()).length) // → 0
 * ```
 */
export function removeStoredModel(model: string | URL, where?: Where): Promise<void> {
  return askWorker((remote) => remote.removeStoredModel(resolve(model)), where)
}

/**
 * Fetch a model onto this device without loading it, in a worker of its own; what is here already is not fetched again.
 * Aborted, it keeps what has come, and the next call goes on from there.
 * @throws RwkvError `worker/unavailable`, and as `loadModel`
 *
 * @example
 * ```ts
 * import { downloadModel, storedModels } from 'rwkv.js'
 *
 * await downloadModel('/models/storyteller/', {
 *   onProgress: ({ loaded, total }) => console.debug(`${loaded} of ${total} bytes`),
 * })
 * console.log((await storedModels()).length) // → 1
 * ```
 */
export async function downloadModel(source: string | URL, options: DownloadOptions = {}): Promise<void> {
  const { signal, onProgress, workerUrl, ...rest } = checkOptions('download', downloadOptions, options)
  await askWorker(
    (remote) =>
      withPort(
        signal,
        (port) => remote.downloadModel(resolve(source), rest, port),
        (progress) => onProgress?.(progress as LoadProgress),
      ),
    workerUrl === undefined ? {} : { workerUrl },
  )
}

/**
 * Ask the browser not to clear what is kept when room gets scarce; false if it does not promise.
 *
 * @example
 * ```ts
 * import { keepStoredModels } from 'rwkv.js'
 *
 * console.log(typeof (await keepStoredModels())) // → boolean
 * ```
 */
export async function keepStoredModels(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false
}

/**
 * Bytes this origin uses and may use, as far as the browser says; a write may still fail.
 *
 * @example
 * ```ts
 * import { storageRoom } from 'rwkv.js'
 *
 * const { usedByteLength, quotaByteLength } = await storageRoom()
 * console.log(usedByteLength < quotaByteLength) // → true
 * ```
 */
export async function storageRoom(): Promise<{ readonly usedByteLength: number; readonly quotaByteLength: number }> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  return { usedByteLength: usage, quotaByteLength: quota }
}

async function askWorker<T>(ask: (remote: Remote<RemoteEngine>) => Promise<T>, where?: Where): Promise<T> {
  const { workerUrl } = checkOptions<Where>('worker', { workerUrl: address }, where)
  carryErrors()
  const thread = startWorker(workerUrl)
  try {
    const remote = wrap<RemoteEngine>(thread)
    return await withHeartbeat(watch(thread), () => remote.beat()).guard(ask(remote))
  } finally {
    thread.terminate()
  }
}
