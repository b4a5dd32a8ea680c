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
import { defaultSampling } from '../sample/options.ts'
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
      -0.88094, -0.49765, 0.5387, 0.94009, 0.05549, -0.96211, 1.90347, -1.25112, -2.39139, -1.14925, 2.00692, 1.61195,
    ],
  },
  {
    ids: [5, 7, 11, 2, 9, 4, 1, 8, 6],
    logits: [
      -0.59576, 1.07654, -1.92266, 1.57979, -1.25247, 0.94784, -1.52923, 1.55584, -0.56335, -1.60209, 1.91283, 0.26611,
    ],
  },
  {
    ids: [10],
    logits: [
      -1.93308, 0.20239, -1.72375, 0.6861, -0.4519, -0.65417, -1.10538, 0.6579, 0.04724, 0.16757, 0.33166, -0.42459,
    ],
  },
]

/** Draws after the first of these steps, and the ids that come of them. Proven by the CPU's sampler in tests. */
export const selfTestDraws = {
  rules: {
    sampling: { ...defaultSampling, temperature: 1.5, topP: 0.9, topK: 6, frequencyPenalty: 1.5, seed: 24 },
    constraint: { bias: new Map([[8, 3.5]]), banned: [10] },
    banned: [6],
    stream: 0,
  },
  ids: [8, 3, 1, 4],
}

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
    const [{ ids: first = [] } = {}] = selfTestSteps
    const reply = forward.replies.begin(selfTestDraws.rules) as number
    for (const [index, expected] of selfTestDraws.ids.entries()) {
      pool.reset(slot)
      const { drawn } = await forward.draw([{ slot, ids: first, outputs: { reply, index } }])
      if ((await drawn)[0] !== expected) return false
    }
    return true
  } finally {
    owner.dispose()
  }
}
