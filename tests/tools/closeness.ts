/** @file The one closeness matcher: |a - b| <= atol + rtol·|b|, element by element. */

import { expect } from 'vitest'

/** How far apart two numbers may be. */
export interface Tolerance {
  readonly atol: number
  readonly rtol?: number
}

/** The element that is worst off: error over what is allowed (NaN counts as infinitely bad). */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>, { atol, rtol = 0 }: Tolerance) {
  let found = { index: -1, ratio: 0, actual: 0, expected: 0 }
  for (let index = 0; index < expected.length; index++) {
    const [a = NaN, b = NaN] = [actual[index], expected[index]]
    const error = Math.abs(a - b) / (atol + rtol * Math.abs(b))
    const ratio = Number.isNaN(error) ? Infinity : error
    if (ratio > found.ratio) found = { index, ratio, actual: a, expected: b }
  }
  return found
}

/** Fails with the worst element unless all are close. The lengths may differ only by padding behind `actual`. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance): void {
  expect(expected.length, 'there is nothing to compare with').toBeGreaterThan(0)
  expect(actual.length).toBeGreaterThanOrEqual(expected.length)
  const { index, ratio, actual: a, expected: b } = worst(actual, expected, tolerance)
  expect(ratio, `element ${index} is ${a}, expected ${b}`).toBeLessThanOrEqual(1)
}
