/**
 * @file Whether the kernels compute on this GPU what they should: a made-up model, a few tokens, logits that are known.
 * Some drivers are silently wrong, in f16 most of all; their users should hear of it, not read nonsense.
 */

import { createOwner } from '../core/dispose.ts'
import { createTurns } from '../core/turns.ts'
import type { Gpu } from '../gpu/device.ts'
import type { KernelCache } from '../gpu/dispatch-list.ts'
import type { Preset } from '../kernels/preset.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { inferConfig } from '../model/config.ts'
import { createSeededCheckpoint } from '../model/seeded-checkpoint.ts'
import { createForwardV4 } from './forward-v4.ts'
import { createStatePool } from './state-pool.ts'
import { initialStateV4 } from './state-v4.ts'
import { loadWeightsV4 } from './weights-v4.ts'

/** Sizes that leave a remainder for every tile and every lane. */
export const selfTestModel = { sizes: { L: 1, C: 136, F: 152, V: 12 }, seed: 4 }

/** What is fed, each at once, and the logits (V) after it: by `matvec`, by `matmul`, and by `matvec` from
 * the state that this leaves. Proven by the oracle in tests. */
export const selfTestSteps: readonly { readonly ids: readonly number[]; readonly logits: readonly number[] }[] = [
  {
    ids: [3],
    logits: [
      -0.8777, -0.47933, 0.55341, 0.93126, 0.06981, -0.94524, 1.91223, -1.2353, -2.38827, -1.16726, 1.99446, 1.59535,
    ],
  },
  {
    ids: [5, 7, 11, 2, 9, 4, 1, 8, 6],
    logits: [
      -0.61664, 1.08579, -1.92459, 1.57198, -1.24566, 0.94104, -1.52237, 1.5664, -0.57097, -1.61771, 1.92445, 0.25914,
    ],
  },
  {
    ids: [10],
    logits: [
      -1.92635, 0.19447, -1.73102, 0.67256, -0.43118, -0.65718, -1.10966, 0.67578, 0.04106, 0.17276, 0.33437, -0.42869,
    ],
  },
]

const TOLERANCE = 1e-3 // right kernels are within 1e-5, wrong ones are off by what logits are: about 1

/** What `selfTestV4` takes. */
export interface SelfTestV4 {
  readonly codec: WeightCodec
  readonly preset: Preset
  readonly kernels: KernelCache
}

/** True if every kernel, in the variant for `codec` and `preset`, gives what it should. Allocates little, keeps nothing. */
export async function selfTestV4(gpu: Gpu, { codec, preset, kernels }: SelfTestV4): Promise<boolean> {
  const checkpoint = createSeededCheckpoint(selfTestModel.sizes, selfTestModel.seed)
  const { config, tensors } = inferConfig(checkpoint)
  const turns = createTurns()
  const owner = createOwner()
  try {
    const weights = owner.own(await loadWeightsV4(gpu, { config, codec, checkpoint, tensors, onProgress() {} }))
    const pool = owner.own(
      createStatePool(gpu, { initial: initialStateV4(config), slots: 1, turns, async onGrow() {} }),
    )
    const forward = owner.own(await createForwardV4(gpu, { config, weights, pool, preset, turns, kernels }))
    const slot = await pool.allocate()
    for (const { ids, logits: expected } of selfTestSteps) {
      const [logits] = await forward.step([{ slot, ids, outputs: 'last' }])
      if (!expected.every((value, id) => Math.abs((logits?.[id] ?? Number.NaN) - value) <= TOLERANCE)) return false
    }
    return true
  } finally {
    owner.dispose()
  }
}
