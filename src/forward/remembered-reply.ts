/**
 * @file A reply whose ids are drawn on the GPU, as far as the CPU must know it to go on drawing where another device has
 * taken the place of the first: there its ids are drawn here, from the same places of the same sequence.
 */

import { isRwkvError } from '../core/errors.ts'
import { NOTHING } from '../kernels/sample.ts'
import { type CpuSampler, createCpuSampler } from '../sample/cpu-sampler.ts'
import { createPenalties } from '../sample/penalties.ts'
import type { RunningModel } from './backend.ts'
import type { ReplyRules } from './draw-buffers.ts'
import type { DrawnIds } from './history.ts'

/** What is known of a reply. */
export interface RememberedReply {
  /** Its place among those of the model that draws for it; undefined where `model` is another. */
  placeIn(model: RunningModel): number | undefined
  /** The ids that were heard of, by their places; in place of one, what the GPU leaves where there is none. */
  readonly drawn: DrawnIds
  /** How many draws were asked for. */
  asked: number
  hear(index: number, id: number): void
  /** Draw the id at `index` from `logits`, f32 (V), and hear of it. Those in front of it are known. */
  draw(index: number, logits: Float32Array): void
  /** Nobody waits for its ids any more. */
  readonly isOver: boolean
  end(): void
}

/** Makes them for one model. */
export function rememberReplies(
  V: number,
): (rules: ReplyRules, model: RunningModel, place?: number) => RememberedReply {
  let sampler: CpuSampler | undefined
  return ({ sampling, constraint, banned, stream }, model, place) => {
    const drawn: (number | undefined)[] = []
    const penalties = createPenalties(constraint.exempt)
    let counted = 0
    let isOver = false
    return {
      placeIn: (other) => (other === model ? place : undefined),
      drawn,
      asked: 0,
      hear(index, id) {
        drawn[index] = id
      },
      draw(index, logits) {
        for (; counted < index; counted++) penalties.add(drawn[counted] as number, sampling.penaltyDecay)
        sampler ??= createCpuSampler(V, [])
        const rules = { ...constraint, banned: [...constraint.banned, ...banned] }
        const at = { seed: sampling.seed, stream, index }
        try {
          drawn[index] = sampler.sample({ logits, options: sampling, penalties, constraint: rules, ...at })
        } catch (error) {
          if (!isRwkvError(error, 'model/not-finite')) throw error
          drawn[index] = NOTHING
        }
      },
      get isOver() {
        return isOver
      },
      end() {
        isOver = true
        if (place !== undefined) model.forward.replies.end(place)
      },
    }
  }
}
