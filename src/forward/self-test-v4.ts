/**
 * @file Whether the kernels compute on this GPU what they should: a made-up model, a few tokens, logits that are known.
 * Some drivers are silently wrong, in f16 most of all; their users should hear of it, not read nonsense.
 */

import { createOwner } from '../core/dispose.ts'
import { createTurns } from '../core/turns.ts'
import { isQuantized, type QuantFormat } from '../core/weight-layout.ts'
import type { Checkpoint, Dtype } from '../file/checkpoint.ts'
import type { Gpu } from '../gpu/device.ts'
import type { KernelCache } from '../gpu/dispatch-list.ts'
import type { Preset } from '../kernels/preset.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { inferConfig } from '../model/config.ts'
import { encodeWeights, formatOf } from '../model/prepare.ts'
import { createSeededCheckpoint } from '../model/seeded-checkpoint.ts'
import { defaultSampling } from '../sample/options.ts'
import { createForwardV4 } from './forward-v4.ts'
import { createStatePool } from './state-pool.ts'
import { initialStateV4 } from './state-v4.ts'
import { createWeightsV4 } from './weights-v4.ts'

/** What the weights were made to hold. */
type Kind = 'full' | QuantFormat

/** Sizes that leave a remainder for every tile and every lane. */
export const selfTestModel = { sizes: { L: 1, C: 136, F: 152, V: 12 }, seed: 4 }

/** What is fed, each at once: by `matvec`, by `matmul`, and by `matvec` from the state that this leaves. */
export const selfTestIds: readonly (readonly number[])[] = [[3], [5, 7, 11, 2, 9, 4, 1, 8, 6], [10]]

/**
 * The logits (V) after each: of the weights, which every format that is not quantised holds as they are, and of what q8 and
 * q4 make of them. Proven by the oracle in tests.
 */
export const selfTestLogits: Readonly<Record<Kind, readonly (readonly number[])[]>> = {
  full: [
    [-0.88094, -0.49765, 0.5387, 0.94009, 0.05549, -0.96211, 1.90347, -1.25112, -2.39139, -1.14925, 2.00692, 1.61195],
    [-0.59576, 1.07654, -1.92266, 1.57979, -1.25247, 0.94784, -1.52923, 1.55584, -0.56335, -1.60209, 1.91283, 0.26611],
    [-1.93308, 0.20239, -1.72375, 0.6861, -0.4519, -0.65417, -1.10538, 0.6579, 0.04724, 0.16757, 0.33166, -0.42459],
  ],
  q8: [
    [-0.88316, -0.50068, 0.53164, 0.95024, 0.04221, -0.95715, 1.89779, -1.24705, -2.3907, -1.15615, 2.00638, 1.61308],
    [-0.60259, 1.06399, -1.92904, 1.58094, -1.25927, 0.94625, -1.53821, 1.54941, -0.56723, -1.60573, 1.91617, 0.26625],
    [-1.93892, 0.20232, -1.73156, 0.68863, -0.45785, -0.66002, -1.10931, 0.66016, 0.05305, 0.16613, 0.33247, -0.4263],
  ],
  q4: [
    [-0.89109, -0.54936, 0.58609, 0.95816, 0.0035, -0.99074, 1.86192, -1.25362, -2.44149, -1.15217, 2.00291, 1.65426],
    [-0.56928, 1.05497, -1.85303, 1.65755, -1.24328, 0.87876, -1.50132, 1.51156, -0.60319, -1.70154, 1.90278, 0.27897],
    [-1.916, 0.1846, -1.73601, 0.73277, -0.4559, -0.65139, -1.06927, 0.66558, 0.01641, 0.10424, 0.31488, -0.43966],
  ],
}

/** Draws after the first of these steps, and the ids that come of them. Proven by the CPU's sampler in tests. */
export const selfTestDraws = {
  rules: {
    sampling: { ...defaultSampling, temperature: 1.5, topP: 0.9, topK: 6, frequencyPenalty: 1.5, seed: 24 },
    constraint: { bias: new Map([[8, 3.5]]), banned: [10] },
    banned: [6],
    stream: 0,
  },
  ids: { full: [8, 3, 1, 4], q8: [8, 3, 1, 4], q4: [11, 3, 1, 4] } satisfies Record<Kind, number[]>,
}

const TOLERANCE = 1e-3 // right kernels are within 1e-5, wrong ones are off by what logits are: about 1

/** What `selfTestV4` takes. */
export interface SelfTestV4 {
  readonly codec: WeightCodec
  readonly preset: Preset
  readonly kernels: KernelCache
  /** Of the model's embedding, which a quantised model keeps as it is; default F32. */
  readonly embedding?: Dtype | undefined
}

/** True if every kernel, in the variant for `codec` and `preset`, gives what it should. Allocates little, keeps nothing. */
export async function selfTestV4(gpu: Gpu, { codec, embedding, preset, kernels }: SelfTestV4): Promise<boolean> {
  const seeded = createSeededCheckpoint(selfTestModel.sizes, selfTestModel.seed)
  const checkpoint = embedding ? embeddingIn(seeded, embedding) : seeded
  const { config, tensors } = inferConfig(checkpoint)
  const turns = createTurns()
  const owner = createOwner()
  try {
    const weights = owner.own(await createWeightsV4(gpu, { config, codec, tensors }))
    await weights.fill({ checkpoint, onProgress() {} })
    const pool = owner.own(
      createStatePool(gpu, { initial: initialStateV4(config), slots: 1, turns, async onGrow() {} }),
    )
    const forward = owner.own(await createForwardV4(gpu, { config, weights, pool, preset, turns, kernels }))
    const slot = await pool.allocate()
    const kind: Kind = isQuantized(codec) ? codec : 'full'
    for (const [i, expected] of selfTestLogits[kind].entries()) {
      const [logits] = await forward.step([{ slot, ids: selfTestIds[i] ?? [], outputs: 'last' }])
      if (!expected.every((value, id) => Math.abs((logits?.[id] ?? Number.NaN) - value) <= TOLERANCE)) return false
    }
    const [first = []] = selfTestIds
    const reply = forward.replies.begin(selfTestDraws.rules) as number
    for (const [index, expected] of selfTestDraws.ids[kind].entries()) {
      pool.reset(slot)
      const { drawn } = await forward.draw([{ slot, ids: first, outputs: { reply, index } }])
      if ((await drawn)[0] !== expected) return false
    }
    return true
  } finally {
    owner.dispose()
  }
}

/** The same model with its embedding in `dtype`, which holds every value of it. */
function embeddingIn(checkpoint: Checkpoint, dtype: Dtype): Checkpoint {
  const name = 'emb.weight'
  const emb = checkpoint.tensors.get(name)
  if (!emb || dtype === emb.dtype) return checkpoint
  const own = { ...emb, dtype, byteLength: emb.byteLength / 2 }
  return {
    ...checkpoint,
    tensors: new Map([...checkpoint.tensors, [name, own]]),
    async read(tensor, at, byteLength) {
      if (tensor !== own) return checkpoint.read(tensor, at, byteLength)
      const bytes = await checkpoint.read(emb, at * 2, byteLength * 2)
      return encodeWeights(bytes, { dtype: emb.dtype, codec: formatOf[dtype], name })
    },
  }
}
