/** @file Beam search by the book: every continuation of every beam, sorted. */

import type { OracleModel } from './oracle-model.ts'

/** A beam, and whether it ended in a stop id (which `ids` holds). */
export interface OracleBeam {
  readonly ids: readonly number[]
  readonly logprob: number
  /** As `logprob`, of nudged logits: what it is compared by. */
  readonly weight: number
}

/** log softmax in float64. */
export function logSoftmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits)
  const total = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
  return logits.map((logit) => logit - total)
}

/** The `width` best of all continuations at each of `steps` steps, best first. */
export function oracleBeams(
  model: OracleModel,
  {
    prompt,
    width,
    steps,
    nudge = () => {},
    mayBeSaid = () => true,
  }: {
    prompt: readonly number[]
    width: number
    steps: number
    nudge?: (logits: Float64Array) => void
    mayBeSaid?: (id: number) => boolean
  },
): OracleBeam[] {
  let beams: OracleBeam[] = [{ ids: [], logprob: 0, weight: 0 }]
  for (let step = 0; step < steps; step++) {
    const all = beams.flatMap(({ ids, logprob, weight }) => {
      const logits = model.feed(model.createState(), [...prompt, ...ids])
      const logprobs = logSoftmax(logits)
      nudge(logits)
      const nudged = logSoftmax(logits)
      return Array.from(logprobs, (more, id) => ({
        ids: [...ids, id],
        logprob: logprob + more,
        weight: weight + nudged[id],
      })).filter(({ ids }) => mayBeSaid(ids.at(-1) as number))
    })
    beams = all.sort((a, b) => b.weight - a.weight).slice(0, width)
  }
  return beams
}
