import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logSumExp, mostProbable } from '../../src/sample/logprobs.ts'

const logits = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 40 })

describe('logSumExp', () => {
  test('is log Σ exp, also where exp alone would overflow or vanish', () => {
    const law = fc.property(logits, fc.constantFrom(0, 1000, -1000), (values, shift) => {
      const plain = Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0))
      expect(logSumExp(Float32Array.from(values, (value) => value + shift)) - shift).toBeCloseTo(plain, 9)
    })
    fc.assert(law)
  })

  test('impossible ids have no part in it', () => {
    expect(logSumExp(Float32Array.of(-Infinity, 2, -Infinity))).toBe(2)
  })
})

test('the most probable ids are those of a whole sort', () => {
  const law = fc.property(logits, fc.nat(20), (values, count) => {
    const sorted = values.map((_, id) => id).sort((a, b) => values[b] - values[a] || a - b)
    expect(mostProbable(Float32Array.from(values), count)).toEqual(sorted.slice(0, count))
  })
  fc.assert(law, { numRuns: 500 })
})
