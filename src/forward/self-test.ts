/**
 * @file Whether the kernels compute here what they should: a made-up model, a few tokens, logits that are known.
 * Some drivers are silently wrong, in f16 most of all; their users should hear of it, not read nonsense.
 */

import { isQuantized } from '../core/weight-layout.ts'
import type { Checkpoint, Dtype } from '../file/checkpoint.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { encodeWeights, formatOf } from '../model/prepare.ts'
import { createSeededCheckpoint } from '../model/seeded-checkpoint.ts'
import { planWeights } from '../model/weight-plan.ts'
import type { Architecture } from './architecture.ts'
import type { Place } from './backend.ts'

const TOLERANCE = 1e-3 // right kernels are within 1e-5, wrong ones are off by what logits are: about 1

/** What `selfTest` takes. */
export interface SelfTest {
  readonly architecture: Architecture
  readonly codec: WeightCodec
  /** Of the model's embedding, which a quantised model keeps as it is; default F32. */
  readonly embedding?: Dtype | undefined
}

/** True if every kernel, in the variant for `codec`, gives what it should here. Allocates little, keeps nothing. */
export async function selfTest(place: Place, { architecture, codec, embedding }: SelfTest): Promise<boolean> {
  const { config, seed, ids, logits: expectedLogits, draws } = architecture.known
  const seeded = createSeededCheckpoint(architecture.tensors(config), seed)
  const checkpoint = embedding ? embeddingIn(seeded, embedding) : seeded
  const { tensors } = checkpoint
  const plan = planWeights({ weights: codec, specs: [...architecture.tensors(config)], tensors })
  const model = await place.placeModel({ architecture, config, plan, tensors })
  try {
    await model.fill({ checkpoint, onProgress() {} })
    const { pool, forward } = await model.run({ slots: 1 })
    const slot = await pool.allocate()
    const holding = isQuantized(codec) ? codec : 'full'
    for (const [i, expected] of expectedLogits[holding].entries()) {
      const [logits] = await forward.step([{ slot, ids: ids[i] ?? [], outputs: 'last' }])
      if (!expected.every((value, id) => Math.abs((logits?.[id] ?? Number.NaN) - value) <= TOLERANCE)) return false
    }
    const [first = []] = ids
    const reply = forward.replies.begin(draws.rules)
    if (reply === undefined) return true // ids are drawn on the CPU
    for (const [index, expected] of draws.ids[holding].entries()) {
      pool.reset(slot)
      const { drawn } = await forward.draw([{ slot, ids: first, outputs: { reply, index } }])
      if ((await drawn)[0] !== expected) return false
    }
    return true
  } finally {
    model.dispose()
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
