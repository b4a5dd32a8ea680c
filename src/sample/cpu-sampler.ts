/**
 * @file Drawing the next id on the CPU, and what the GPU's sampler must agree with:
 *
 *   logits + bias − (presence + frequency · count) for ids already in the reply; ids that may not be drawn left out
 *   softmax; the smallest set of most probable ids that holds top_p; at most top_k of them, and none less probable than
 *   min_p times the best; p^(1/temperature); draw, on the way through these ids from the lowest up
 *
 * Temperature 0 or top_p 0 takes the most probable id. Equal logits rank by id, the lower first.
 */

import { RwkvError } from '../core/errors.ts'
import type { SamplingOptions } from '../core/protocol.ts'
import { type Draw, uniform } from '../core/random.ts'
import type { Constraint } from './constraint.ts'
import { keepMasked } from './mask.ts'
import type { Penalties } from './penalties.ts'

/** What one draw depends on. */
export interface SampleInput extends Draw {
  /** f32 (V); not changed. */
  readonly logits: Float32Array
  readonly options: SamplingOptions
  readonly penalties: Penalties
  readonly constraint?: Pick<Constraint, 'bias' | 'allowed' | 'banned'>
  /** u32 (⌈V/32⌉): where given, only ids whose bit is set are drawn; see `TokenMask`. */
  readonly mask?: Uint32Array | undefined
  /** Not to be drawn this time. */
  readonly excluded?: Iterable<number>
}

/** Draws ids of one model. */
export interface CpuSampler {
  /** @throws RwkvError `model/not-finite` if a logit is NaN or Infinity, or no id has a finite one. */
  sample(input: SampleInput): number
}

const FIRST_CANDIDATES = 256

/** A sampler over V ids that never draws a `banned` one. */
export function createCpuSampler(V: number, banned: readonly number[]): CpuSampler {
  const scores = new Float32Array(V) // logits after penalties

  return {
    sample({ logits, options, penalties, constraint, mask, excluded = [], ...draw }) {
      const { temperature, topP, topK, minP, presencePenalty, frequencyPenalty } = options
      scores.set(logits)
      for (const [id, bias] of constraint?.bias ?? []) scores[id] = (scores[id] as number) + bias
      for (const [id, count] of penalties.counts)
        scores[id] = (scores[id] as number) - presencePenalty - frequencyPenalty * count
      if (constraint?.allowed) keepOnly(scores, constraint.allowed)
      if (mask) keepMasked(scores, mask)
      for (const ids of [banned, constraint?.banned ?? [], excluded]) for (const id of ids) scores[id] = -Infinity

      const best = greatest(scores)
      if (temperature === 0 || topP === 0) return best

      const most = scores[best] as number
      let total = 0
      for (const score of scores) total += Math.exp(score - most)

      // The most probable ids, in order, until they hold topP of the probability.
      const weightOf = (id: number) => Math.exp((scores[id] as number) - most)
      const wanted = topP === 1 ? Infinity : topP * total // a sum of many may reach the total before the last
      const kept: number[] = []
      let held = 0
      for (const id of ranked(scores, best)) {
        if (held >= wanted || (topK > 0 && kept.length >= topK)) break
        const weight = weightOf(id)
        if (weight === 0 || weight < minP) break // of the best it is 1
        held += weight
        kept.push(id)
      }

      kept.sort((a, b) => a - b) // an order that the GPU has too
      const weights = kept.map((id) => Math.exp(((scores[id] as number) - most) / temperature))
      let left = uniform(draw) * weights.reduce((sum, weight) => sum + weight, 0)
      for (let i = 0; i < kept.length; i++) {
        left -= weights[i] as number
        if (left < 0) return kept[i] as number
      }
      return kept.at(-1) ?? best
    },
  }
}

/** Every other score becomes that of an impossible id. */
function keepOnly(scores: Float32Array, ids: readonly number[]): void {
  const kept = ids.map((id) => scores[id] as number)
  scores.fill(-Infinity)
  ids.forEach((id, i) => {
    scores[id] = kept[i] as number
  })
}

/** The id of the greatest score, the lowest of equal ones. */
function greatest(scores: Float32Array): number {
  let best = -1
  let most = -Infinity
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] as number
    if (Number.isNaN(score) || score === Infinity) throw notFinite({ id, score })
    if (score > most) {
      most = score
      best = id
    }
  }
  if (best < 0) throw notFinite()
  return best
}

/** What to throw where a logit is NaN or Infinity, or none is finite. */
export function notFinite(wrong?: { readonly id: number; readonly score: number }): RwkvError {
  const found = wrong ? `The logit of token ${wrong.id} is ${wrong.score}` : 'No token has a finite logit'
  return new RwkvError(
    'model/not-finite',
    `${found}: the model or the GPU computed nonsense. Load the weights as f32 and report this.`,
  )
}

/** Ids from the greatest score down. Sorts only as many as are asked for: a threshold first, lowered when they run out. */
function* ranked(scores: Float32Array, best: number): Generator<number> {
  const most = scores[best] as number
  let above = Infinity
  let width = 4 // in logits
  let given = 0
  while (given < scores.length) {
    const from = given === 0 || width < 64 ? most - width : -Infinity
    const candidates: number[] = []
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id] as number
      if (score >= from && score < above) candidates.push(id)
    }
    candidates.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    yield* candidates
    given += candidates.length
    if (from === -Infinity) return
    above = from
    width *= candidates.length < FIRST_CANDIDATES ? 4 : 2
  }
}
