import { expect, test } from 'vitest'
import { expectClose } from './closeness.ts'

test('what is compared with nothing, is shorter, far off or no number is not close', () => {
  const fails = (actual: number[], expected: number[]) =>
    expect(() => expectClose(actual, expected, { atol: 0.1 }), `${actual} and ${expected}`).toThrow()
  expectClose([1, 2], [1.05, 2], { atol: 0.1 })
  expectClose([1, 2, 0], [1, 2], { atol: 0.1 }) // padding
  fails([1], [])
  fails([], [])
  fails([1], [1, 2])
  fails([1, 2.2], [1, 2])
  fails([Number.NaN], [1])
  fails([1], [Number.NaN])
})
