/** @file The forward pass of a checkpoint with its parts at hand, below engine and sessions. */

import { createOwner, type Owned } from '../../src/core/dispose.ts'
import type { ModelConfig, WeightFormat } from '../../src/core/protocol.ts'
import { createTurns } from '../../src/core/turns.ts'
import type { Checkpoint } from '../../src/file/checkpoint.ts'
import { createForward as create, type Forward } from '../../src/forward/forward.ts'
import { createGpuWeights } from '../../src/forward/gpu-weights.ts'
import { createStatePool, type GpuStatePool } from '../../src/forward/state-pool.ts'
import { initialState } from '../../src/forward/state-rows.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { type Preset, softwarePreset } from '../../src/kernels/preset.ts'
import { inferConfig } from '../../src/model/config.ts'
import { planWeights } from '../../src/model/weight-plan.ts'
import { architectures } from '../../src/rwkv/index.ts'

/** What a model is below its API. The creator disposes it. */
export interface ForwardParts extends Owned {
  readonly config: ModelConfig
  readonly pool: GpuStatePool
  readonly forward: Forward
}

/** What `createForward` takes. */
interface CreateForward {
  readonly slots?: number
  /** States lie in a buffer a layer, as if a kernel could bind no more. */
  readonly isSplit?: boolean
  /** What is asked for; default f32. */
  readonly codec?: WeightFormat | 'auto'
  readonly preset?: Preset
}

/** Load `checkpoint` and make its forward pass, with a pool that does not grow. */
export async function createForward(
  gpu: Gpu,
  checkpoint: Checkpoint,
  options: CreateForward = {},
): Promise<ForwardParts> {
  const { codec = 'f32', preset = softwarePreset, slots = 1, isSplit = false } = options
  const { version: architecture, config, tensors } = inferConfig(checkpoint, architectures)
  const plan = planWeights({ weights: codec, specs: [...architecture.tensors(config)], tensors })
  const owner = createOwner()
  const turns = createTurns()
  const weights = owner.own(await createGpuWeights(gpu, { architecture, config, plan, tensors }))
  await weights.fill({ checkpoint, onProgress() {} })
  const initial = initialState(architecture.state(config), config)
  const budgetByteLength = slots * initial.byteLength
  const sizes = isSplit ? { budgetByteLength, bindingByteLength: budgetByteLength / config.L } : {}
  const pool = owner.own(createStatePool(gpu, { initial, layers: config.L, slots, ...sizes, turns, async onGrow() {} }))
  const kernels = createKernelCache(gpu)
  const forward = owner.own(await create(gpu, { architecture, config, weights, pool, preset, turns, kernels }))
  return { config, pool, forward, dispose: () => owner.dispose() }
}
