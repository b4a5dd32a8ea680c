/**
 * @file The worker: an engine over this thread's WebGPU and this origin's private files. It answers the page, which has
 * checked what it asks for. Started by itself under another name, it is a further thread of such an engine.
 */

import { trustedWorkerUrl } from '../src/client/trusted-url.ts'
import { createEngine } from '../src/engine/engine.ts'
import { exposeEngine } from '../src/engine/expose.ts'
import { architectures } from '../src/rwkv/index.ts'
import { createOpfsStore } from '../src/store/store.ts'
import { runThread, THREAD_NAME } from '../src/wasm/thread.ts'

if (self.name === THREAD_NAME) runThread(self)
else {
  const { deviceMemory, hardwareConcurrency: cores } = navigator as Navigator & { readonly deviceMemory?: number }
  const engine = createEngine({
    gpu: navigator.gpu,
    store: createOpfsStore(),
    memoryByteLength: deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30, // GiB; only Chromium tells
    threads: crossOriginIsolated ? { cores, start: startThread } : undefined,
    architectures,
  })
  exposeEngine(engine, globalThis)
}

/** This very file, which the page's policy allows. */
function startThread(onError: () => void): Worker {
  const worker = new Worker(trustedWorkerUrl(location.href), { type: 'module', name: THREAD_NAME })
  worker.onerror = (event) => {
    event.preventDefault() // or it were an error of this worker
    onError()
  }
  return worker
}
