import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32 } from '../../src/core/float16.ts'

const ALL = Uint16Array.from({ length: 0x10000 }, (_, index) => index)

/** The definition of an IEEE half, written out. */
function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

const isNaNHalf = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0
const toHalf = (value: number) => float32ToHalf(Float32Array.of(value))[0] as number

/** The nearest half by comparing with its neighbours; of two equally near the one with an even last bit. */
function nearestHalf(value: number): number {
  const magnitude = Math.abs(value)
  let low = 0
  let high = 0x7c00
  while (low < high) {
    const middle = (low + high) >> 1
    if (valueOfHalf(middle) < magnitude) low = middle + 1
    else high = middle
  }
  const below = Math.max(0, low - 1)
  const aboveValue = low === 0x7c00 ? 65536 : valueOfHalf(low)
  const toBelow = magnitude - valueOfHalf(below)
  const toAbove = aboveValue - magnitude
  const nearest = toBelow < toAbove || (toBelow === toAbove && below % 2 === 0) ? below : low
  return nearest | (value < 0 || Object.is(value, -0) ? 0x8000 : 0)
}

describe('halfToFloat32', () => {
  test('each of the 65,536 halves has the value of its definition', () => {
    const floats = halfToFloat32(ALL)
    const wrong = ALL.filter((half) => !Object.is(floats[half], valueOfHalf(half)))
    expect([...wrong]).toEqual([])
  })

  test('it fills a given target from its start, at its place in a larger buffer', () => {
    const target = new Float32Array(new ArrayBuffer(20), 4, 3).fill(7)
    expect(halfToFloat32(Uint16Array.of(0x3c00, 0xc000), target)).toBe(target)
    expect([...target]).toEqual([1, -2, 7])
    expect(() => halfToFloat32(new Uint16Array(4), target)).toThrow(RangeError)
  })
})

describe('float32ToHalf', () => {
  test('there and back is the identity for each of the 65,536 halves', () => {
    const back = float32ToHalf(halfToFloat32(ALL))
    const wrong = ALL.filter((half) => (isNaNHalf(half) ? !isNaNHalf(back[half] as number) : back[half] !== half))
    expect([...wrong]).toEqual([])
  })

  test('the middle between any two neighbours goes to the even one, and a hair off it to the nearer one', () => {
    const floats = new Float32Array(3)
    const bits = new Uint32Array(floats.buffer)
    const wrong: number[] = []
    for (let half = 0; half < 0x7c00; half++) {
      const above = half === 0x7bff ? 65536 : valueOfHalf(half + 1)
      floats[1] = (valueOfHalf(half) + above) / 2
      bits[0] = (bits[1] as number) - 1
      bits[2] = (bits[1] as number) + 1
      const [less, middle, more] = float32ToHalf(floats)
      if (less !== half || more !== half + 1 || middle !== half + (half % 2)) wrong.push(half)
    }
    expect(wrong).toEqual([])
  })

  test('any finite f32 goes to the nearest half', () => {
    const near = fc.double({ min: -70000, max: 70000, noNaN: true }).map(Math.fround)
    const tiny = fc.double({ min: -(2 ** -13), max: 2 ** -13, noNaN: true }).map(Math.fround)
    const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(fc.oneof(near, tiny, anyFloat), (value) => toHalf(value) === nearestHalf(value)),
      { numRuns: 5000 },
    )
  })

  test.each([
    [65504, 0x7bff],
    [65519.99609375, 0x7bff],
    [65520, 0x7c00],
    [-1e30, 0xfc00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [-(2 ** -25) * 1.0000001, 0x8001],
    [-0, 0x8000],
    [2 ** -14, 0x0400],
    [1e-45, 0],
  ])('%d becomes %i', (value, half) => {
    expect(toHalf(value)).toBe(half)
  })

  test('a NaN whose payload is only in the lowest bits stays a NaN', () => {
    const floats = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001).buffer)
    expect([...float32ToHalf(floats)]).toEqual([0x7e00, 0xfe00])
  })
})

test('bfloat16ToFloat32 appends sixteen zero bits to each of the 65,536 values', () => {
  const bits = new Uint32Array(bfloat16ToFloat32(ALL).buffer)
  expect(ALL.filter((value) => bits[value] !== value * 0x10000)).toHaveLength(0)
})

describe('float32ToBfloat16', () => {
  const nearest = (value: number) => float32ToBfloat16(Float32Array.of(value))[0]

  test('gives back every finite bfloat16', () => {
    const finite = ALL.filter((bits) => (bits & 0x7f80) !== 0x7f80)
    expect(float32ToBfloat16(bfloat16ToFloat32(finite))).toEqual(finite)
  })

  test('no other bfloat16 lies nearer, and of two as near it is the even one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f7e }), fc.integer({ min: 0, max: 0xffff }), (upper, lower) => {
        const value = new Float32Array(Uint32Array.of(upper * 0x10000 + lower).buffer)[0]
        const [below, above] = bfloat16ToFloat32(Uint16Array.of(upper, upper + 1))
        const [down, up] = [value - below, above - value]
        const expected = down < up || (down === up && upper % 2 === 0) ? upper : upper + 1
        expect(nearest(value)).toBe(expected)
        expect(nearest(-value)).toBe(expected + 0x8000)
      }),
    )
  })
})
