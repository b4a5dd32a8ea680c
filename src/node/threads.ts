/** @file Threads in node, for the backend in WebAssembly. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { runThread } from '../wasm/thread.ts'
import type { Threads } from '../wasm/threads.ts'

/** What a worker evaluates, which has no file of its own. */
const code = `(${runThread})(require('node:worker_threads').parentPort)`

/** Those of this machine. */
export const nodeThreads: Threads = {
  cores: availableParallelism(),
  start: (onError) => new Worker(code, { eval: true }).on('error', onError),
}
