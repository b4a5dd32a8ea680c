import { expect, test } from 'vitest'
import { countDraws, expectDistribution } from './chi-square.ts'

const HALF_AND_QUARTERS = [0.5, 0.25, 0.25]

test('counts that fit pass, counts that do not fail', () => {
  const counts = (...values: number[]) => new Map(values.map((count, index) => [index, count]))
  expectDistribution(counts(5010, 2480, 2510), HALF_AND_QUARTERS)
  // 10,000 draws scatter by about 50: 300 off is no chance
  expect(() => expectDistribution(counts(5300, 2350, 2350), HALF_AND_QUARTERS)).toThrow()
  expect(() => expectDistribution(counts(5010, 4990, 0), HALF_AND_QUARTERS)).toThrow()
  expect(() => expectDistribution(counts(5010, 2480, 2510, 1), HALF_AND_QUARTERS)).toThrow(
    /without having a probability/,
  )
})

test('what is rare is judged together', () => {
  const rare = Array.from({ length: 1000 }, () => 1e-4)
  const probabilities = [0.9, ...rare]
  const draw = (often: number) => countDraws(10_000, (i) => (i < often ? 0 : 1 + (i % 1000)))
  expectDistribution(draw(9010), probabilities)
  expect(() => expectDistribution(draw(8500), probabilities)).toThrow()
})
