/** @file Pearson's test of whether counts fit a distribution. The draws of tests are seeded, so a verdict is for ever. */

import { expect } from 'vitest'

const LEAST_EXPECTED = 5 // fewer are lumped together, or the statistic is not chi-square
const Z = 3.719 // of a fit as bad as this or worse, one in 10,000 comes by chance

/**
 * Fails unless `counts` (index -> how often) fit `probabilities`, or if something was drawn that has none.
 * Limit: Wilson and Hilferty's approximation of the chi-square distribution's quantile.
 */
export function expectDistribution(counts: ReadonlyMap<number, number>, probabilities: readonly number[]): void {
  const draws = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const impossible = [...counts.keys()].filter((index) => !(probabilities[index] > 0))
  expect(impossible, 'drawn without having a probability').toEqual([])

  const cells: { seen: number; expected: number }[] = []
  const lump = { seen: 0, expected: 0 }
  probabilities.forEach((probability, index) => {
    const cell = { seen: counts.get(index) ?? 0, expected: probability * draws }
    if (cell.expected >= LEAST_EXPECTED) cells.push(cell)
    else {
      lump.seen += cell.seen
      lump.expected += cell.expected
    }
  })
  if (lump.expected >= LEAST_EXPECTED) cells.push(lump)
  else expect(lump.seen, 'draws of what is rare').toBeLessThan(LEAST_EXPECTED * 5)

  const freedom = cells.length - 1
  if (freedom < 1) return // one outcome: all that was drawn is possible, which is all there is to say
  const statistic = cells.reduce((sum, { seen, expected }) => sum + (seen - expected) ** 2 / expected, 0)
  const part = 2 / (9 * freedom)
  expect(statistic).toBeLessThan(freedom * (1 - part + Z * Math.sqrt(part)) ** 3)
}

/** How often each value of `draw(index)` comes in `draws` draws. */
export function countDraws(draws: number, draw: (index: number) => number): Map<number, number> {
  const counts = new Map<number, number>()
  for (let index = 0; index < draws; index++) {
    const value = draw(index)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}
