/** @file Log probabilities: what the model itself thought of a token, whatever the options made of it. */

/** log Σ exp(logits), in nats; f32 (V) in, summed in f64 from the greatest down so that it neither over- nor underflows. */
export function logSumExp(logits: Float32Array): number {
  let most = -Infinity
  for (const logit of logits) if (logit > most) most = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - most)
  return most + Math.log(sum)
}

/** The `count` ids of the greatest logits, best first; equal ones by id, the lower first. */
export function mostProbable(logits: Float32Array, count: number): number[] {
  const best: number[] = []
  if (count === 0) return best
  const logitOf = (place: number) => logits[best[place] as number] as number
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number
    if (best.length === count && logit <= logitOf(count - 1)) continue
    let place = best.length
    while (place > 0 && logitOf(place - 1) < logit) place -= 1
    best.splice(place, 0, id)
    if (best.length > count) best.pop()
  }
  return best
}
