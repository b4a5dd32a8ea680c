/** @file A checkpoint in WebAssembly, below engine and sessions. */

import type { Owned } from '../../src/core/dispose.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import type { Checkpoint } from '../../src/file/checkpoint.ts'
import type { RunningModel } from '../../src/forward/backend.ts'
import { createWasmBackend } from '../../src/forward/wasm-backend.ts'
import { inferConfig } from '../../src/model/config.ts'
import { planWeights } from '../../src/model/weight-plan.ts'
import { architectures } from '../../src/rwkv/index.ts'
import type { Threads } from '../../src/wasm/threads.ts'

/** What `runInWasm` takes beside the checkpoint. */
export interface RunInWasm {
  readonly codec?: WeightFormat
  /** How many, and where they come from; by default there is one. */
  readonly threads?: number
  readonly from?: Threads
}

/** With room for four states. The caller disposes it. */
export async function runInWasm(
  checkpoint: Checkpoint,
  { codec = 'f32', threads = 1, from }: RunInWasm = {},
): Promise<RunningModel & Owned> {
  const backend = await createWasmBackend(from)
  const { version: architecture, config, tensors } = inferConfig(checkpoint, architectures)
  const plan = planWeights({ weights: codec, specs: [...architecture.tensors(config)], tensors })
  const model = await backend.createPlace().placeModel({ architecture, config, plan, tensors, threads })
  await model.fill({ checkpoint, onProgress() {} })
  return { ...(await model.run({ slots: 4 })), dispose: () => model.dispose() }
}
