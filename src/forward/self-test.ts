/**
 * @file Whether the kernels compute here what they should: a made-up model, a few tokens, logits that are known.
 * Some drivers are silently wrong, in f16 most of all; their users should hear of it, not read nonsense.
 */

import { both } from '../core/both.ts'
import type { WeightFormat } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'
import { type HeldFormat, isQuantized } from '../core/weight-layout.ts'
import type { Checkpoint, Dtype } from '../file/checkpoint.ts'
import { encodeWeights, formatOf } from '../model/prepare.ts'
import { createSeededCheckpoint } from '../model/seeded-checkpoint.ts'
import { planWeights, type WeightPlan } from '../model/weight-plan.ts'
import type { Architecture, KnownAnswers } from './architecture.ts'
import type { Place } from './backend.ts'
import { coarseCheckpoint } from './coarse.ts'

const TOLERANCE = 1e-3 // right kernels are within 1e-5, wrong ones are off by what logits are: about 1

/** What `selfTest` takes. */
export interface SelfTest {
  readonly architecture: Architecture
  readonly codec: WeightFormat
  /** Of the model's embedding, which a quantised model keeps as it is; default F32. */
  readonly embedding?: Dtype | undefined
}

/** True if every kernel, in the variant for `codec`, gives what it should here. Allocates little, keeps nothing. */
export async function selfTest(place: Place, { architecture, codec, embedding }: SelfTest): Promise<boolean> {
  const { config, seed } = architecture.known
  const specs = [...architecture.tensors(config)]
  const seeded = createSeededCheckpoint(specs, seed)
  const checkpoint = embedding ? embeddingIn(seeded, embedding) : seeded
  const plan = planWeights({ weights: codec, specs, tensors: checkpoint.tensors })
  return isRight(place, { architecture, checkpoint, plan, holding: isQuantized(codec) ? codec : 'full' })
}

/** What `selfTestOfMix` takes. */
export interface SelfTestOfMix {
  readonly architecture: Architecture
  /** In which the matrices of the model are held, of which the products' take turns here. */
  readonly products: readonly HeldFormat[]
  readonly embedding: HeldFormat
  readonly head: HeldFormat
  /** Of exact matrices. */
  readonly exact: HeldFormat
}

/** As `selfTest`, for a model that has matrices of several formats or blocks of GGUF. */
export async function selfTestOfMix(place: Place, { architecture, ...formats }: SelfTestOfMix): Promise<boolean> {
  const { config, seed } = architecture.known
  const specs = [...architecture.tensors(config)]
  let turn = 0
  const formatOf = ({ name, isExact }: TensorSpec) => {
    if (isExact) return formats.exact
    if (name === 'emb.weight') return formats.embedding
    return (name === 'head.weight' ? undefined : formats.products[turn++ % formats.products.length]) ?? formats.head
  }
  const plan = new Map(specs.filter(({ kind }) => kind === 'matrix').map((spec) => [spec.name, formatOf(spec)]))
  const checkpoint = coarseCheckpoint(createSeededCheckpoint(specs, seed), specs, plan)
  return isRight(place, { architecture, checkpoint, plan, holding: 'coarse' })
}

interface MadeUp {
  readonly architecture: Architecture
  readonly checkpoint: Checkpoint
  readonly plan: WeightPlan
  readonly holding: keyof KnownAnswers['logits']
}

async function isRight(place: Place, { architecture, checkpoint, plan, holding }: MadeUp): Promise<boolean> {
  const { config, ids, logits: expectedLogits, draws } = architecture.known
  const model = await place.placeModel({ architecture, config, plan, tensors: checkpoint.tensors })
  try {
    // Compiling takes longer, so it is asked for first.
    const [{ pool, forward }] = await both(
      () => model.run({ slots: 1 }),
      () => model.fill({ checkpoint, onProgress() {} }),
    )
    const slot = await pool.allocate()
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
