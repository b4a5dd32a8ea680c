/**
 * @file How many threads pay: what is computed with them does not depend on it, so the first steps try it out, and some of
 * the later ones again, for others want the cores too.
 */

/** Numbers of threads for steps of one kind. */
export interface ThreadTrial {
  /** For the next step. */
  next(): number
  /** What it took, in milliseconds. */
  took(elapsedMs: number): void
}

const ROUNDS = 3 // of each number, in turn
const STEPS_BETWEEN = 256
const GAIN = 0.97 // a thread more is taken for no less

/** Try 1, 2, 4 … and `most`. */
export function createThreadTrial(most: number): ThreadTrial {
  const counts = [...new Set([...powersBelow(most), most])]
  let times = counts.map((): number[] => [])
  let chosen = most
  let steps = 0
  const isTrying = () => steps < counts.length * ROUNDS
  return {
    next: () => (isTrying() ? (counts[steps % counts.length] as number) : chosen),
    took(elapsedMs) {
      if (counts.length === 1) return
      if (isTrying()) times[steps % counts.length]?.push(elapsedMs)
      steps += 1
      if (steps === counts.length * ROUNDS) {
        chosen = best(
          counts,
          times.map((each) => Math.min(...each)),
        )
      } else if (steps > counts.length * ROUNDS + STEPS_BETWEEN) {
        steps = 0
        times = counts.map(() => [])
      }
    },
  }
}

/** The fewest that none with more is faster than by enough. */
function best(counts: readonly number[], times: readonly number[]): number {
  let place = 0
  times.forEach((ms, i) => {
    if (ms < (times[place] as number) * GAIN) place = i
  })
  return counts[place] as number
}

function powersBelow(most: number): number[] {
  const powers: number[] = []
  for (let power = 1; power < most; power *= 2) powers.push(power)
  return powers
}
