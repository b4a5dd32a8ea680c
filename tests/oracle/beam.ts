/** @file Beam search by the book: every continuation of every beam, sorted. */

import type { OracleModel } from './oracle-model.ts'

/** A beam, and whether it ended in a stop id (which `ids` holds). */
export interface OracleBeam {
  readonly ids: readonly number[]
  readonly logprob: number
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
  { prompt, width, steps }: { prompt: readonly number[]; width: number; steps: number },
): OracleBeam[] {
  let beams: OracleBeam[] = [{ ids: [], logprob: 0 }]
  for (let step = 0; step < steps; step++) {
    const all = beams.flatMap(({ ids, logprob }) => {
      const logprobs = logSoftmax(model.feed(model.createState(), [...prompt, ...ids]))
      return Array.from(logprobs, (more, id) => ({ ids: [...ids, id], logprob: logprob + more }))
    })
    beams = all.sort((a, b) => b.logprob - a.logprob).slice(0, width)
  }
  return beams
}
