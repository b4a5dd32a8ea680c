/** @file A further thread of the engine that `bench.worker.ts` has. */

import { runThread } from '../../src/wasm/thread.ts'

runThread(self)
