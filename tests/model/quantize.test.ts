import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quantizedRow } from '../../src/core/weight-layout.ts'
import { quantize } from '../../src/model/quantize.ts'
import { dequantize } from '../tools/dequantize.ts'
import { randomArray } from '../tools/random-array.ts'

type Format = 'q8' | 'q4'

const through = (format: Format, values: Float32Array, columns: number) =>
  dequantize(quantize(format, values, columns), format, columns)

/** Blocks of a matrix with what they became, one after another. */
function blocksOf(values: Float32Array, became: Float32Array, columns: number) {
  const blocks: { before: number[]; after: number[] }[] = []
  for (let row = 0; row < values.length; row += columns)
    for (let c = 0; c < columns; c += 32) {
      const [from, to] = [row + c, row + Math.min(c + 32, columns)]
      blocks.push({ before: [...values.subarray(from, to)], after: [...became.subarray(from, to)] })
    }
  return blocks
}

const weight = fc.oneof(
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e6), max: Math.fround(1e6) }),
)
const matrix = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 18 })).chain(([rows, columns8]) =>
  fc.tuple(
    fc
      .array(weight, { minLength: rows * columns8 * 8, maxLength: rows * columns8 * 8 })
      .map((a) => Float32Array.from(a)),
    fc.constant(columns8 * 8),
  ),
)

describe('q8', () => {
  test('is off by at most half of a 127th of the largest of its block, and zeros stay zeros', () => {
    const law = fc.property(matrix, ([values, columns]) => {
      for (const { before, after } of blocksOf(values, through('q8', values, columns), columns)) {
        const most = Math.max(...before.map(Math.abs))
        before.forEach((value, i) => {
          expect(Math.abs(value - after[i])).toBeLessThanOrEqual((most / 254) * 1.0001 + 1e-44)
          if (value === 0) expect(Math.abs(after[i])).toBe(0)
        })
      }
    })
    fc.assert(law)
  })
})

describe('q4', () => {
  test('is off by at most a 7th of what its block spans without the outlier, which is exact in f16 and bf16', () => {
    const coarse = matrix.map(
      ([values, columns]) => [values.map((value) => Math.round(value * 64) / 64), columns] as const,
    )
    const law = fc.property(coarse, ([values, columns]) => {
      for (const { before, after } of blocksOf(values, through('q4', values, columns), columns)) {
        const sorted = before.toSorted((a, b) => a - b)
        const span = Math.min(sorted[sorted.length - 1] - sorted[1], sorted[sorted.length - 2] - sorted[0])
        const most = Math.max(...before.map(Math.abs))
        const errors = before.map((value, i) => Math.abs(value - after[i]))
        expect(Math.max(...errors)).toBeLessThanOrEqual(span / 7 + most / 128)
        expect(errors.filter((error) => error > most * 2 ** -19).length).toBeLessThan(before.length)
      }
    })
    fc.assert(law)
  })

  test('an outlier a thousand times the others is exact, and costs them nothing', () => {
    for (const columns of [32, 40, 64]) {
      const values = randomArray(3, columns * 4).map((value) => value / 100)
      const places = [3, 31, 7, 12].map((place, row) => row * columns + place)
      for (const [i, place] of places.entries()) values[place] = i % 2 === 0 ? 10.5 : -12.25
      const became = through('q4', values, columns)
      for (const place of places) expect(became[place]).toBe(values[place])
      const off = values.map((value, i) => Math.abs(value - became[i]))
      expect(Math.max(...off)).toBeLessThan(0.02 / 15)
    }
  })

  test('blocks of one value and of zeros are exact', () => {
    const values = new Float32Array(64).map((_, i) => (i < 32 ? -0.7109375 : 0))
    expect(through('q4', values, 64)).toEqual(values)
  })

  test('the levels are placed for a smaller error than evenly from least to largest would make', () => {
    const values = Float32Array.from(randomArray(5, 3200), (value, i) => value ** 3 + randomArray(6, 3200)[i] / 9)
    const sum = (of: (value: number, i: number) => number) =>
      values.reduce((total, value, i) => total + of(value, i) ** 2, 0)
    const became = through('q4', values, 3200)
    let even = 0
    for (const { before } of blocksOf(values, became, 3200)) {
      const [least, most] = [Math.min(...before), Math.max(...before)]
      const scale = (most - least) / 15
      for (const value of before) even += (Math.round((value - least) / scale) * scale + least - value) ** 2
    }
    expect(sum((value, i) => value - became[i])).toBeLessThan(0.75 * even)
  })
})

test.each(['q8', 'q4'] as const)(
  '%s: rows do not depend on those beside them, nor on where a slice begins',
  (format) => {
    const columns = 72
    const values = randomArray(9, columns * 5)
    const whole = quantize(format, values, columns)
    const { length } = quantizedRow(format, columns)
    for (let row = 0; row < 5; row++) {
      const alone = quantize(format, values.subarray(row * columns, (row + 1) * columns), columns)
      expect(alone).toEqual(whole.slice(row * length * 4, (row + 1) * length * 4))
    }
  },
)
