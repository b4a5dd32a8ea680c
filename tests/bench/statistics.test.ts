import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { median, relativeError, summarize } from './statistics.ts'

describe('median', () => {
  test.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[10, 2], 6], // by number, not by text
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test('as many values lie above it as below, and the order does not matter', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
        const middle = median(values)
        const below = values.filter((value) => value < middle).length
        const above = values.filter((value) => value > middle).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
        expect(median(values.toReversed())).toBe(middle)
      }),
    )
  })

  test('nothing has no middle', () => {
    expect(median([])).toBeNaN()
    expect(() => summarize([])).toThrow(RangeError)
  })
})

test('a summary tells the middle, the least and the most', () => {
  expect(summarize([7, 1, 4])).toEqual({ median: 4, min: 1, max: 7 })
})

describe('the relative error of logits', () => {
  const logits = Float32Array.of(1, -2, 3, 0.5)

  test('is 0 for the same ones, and does not know their scale', () => {
    expect(relativeError(logits, logits)).toBe(0)
    const wrong = logits.map((value, i) => value + (i === 2 ? 0.1 : 0))
    const scaled = relativeError(
      wrong.map((value) => value * 64),
      logits.map((value) => value * 64),
    )
    expect(scaled).toBeCloseTo(relativeError(wrong, logits), 6)
  })

  test('is 1 for their mean, which foretells nothing of them', () => {
    expect(relativeError(logits.fill(0.625).slice(), Float32Array.of(1, -2, 3, 0.5))).toBeCloseTo(1, 6)
  })

  test('is NaN, and so within no limit, for logits that are NaN, fewer, or more', () => {
    for (const wrong of [[1, Number.NaN], [1], [1, 2, 3]]) {
      expect(relativeError(wrong, [1, 2]) <= Infinity).toBe(false)
    }
  })
})
