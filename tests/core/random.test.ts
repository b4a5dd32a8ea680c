import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pcg4d, uniform } from '../../src/core/random.ts'
import { countDraws, expectDistribution } from '../tools/chi-square.ts'

/** The listing of the paper, in whole numbers of any size. */
function published(input: readonly number[]): number[] {
  const u32 = (value: bigint) => value & 0xffffffffn
  let [x, y, z, w] = input.map((value) => u32(BigInt(value) * 1664525n + 1013904223n))
  const add = () => {
    x = u32(x + y * w)
    y = u32(y + z * x)
    z = u32(z + x * y)
    w = u32(w + y * z)
  }
  add()
  ;[x, y, z, w] = [x, y, z, w].map((value) => value ^ (value >> 16n))
  add()
  return [x, y, z, w].map(Number)
}

describe('pcg4d', () => {
  // Computed by another program in another language.
  test.each([
    [
      [0, 0, 0, 0],
      [0x0f02f829, 0x2d568769, 0x32b0c43b, 0xd32548ea],
    ],
    [
      [1, 2, 3, 4],
      [0x3622cd16, 0xf11471d8, 0xe1109b3f, 0x02b94c2f],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x974ed892, 0xc015dc67, 0x9f955760, 0xa1bba208],
    ],
  ])('%j', ([x, y, z, w], expected) => {
    expect(pcg4d(x, y, z, w)).toEqual(expected)
  })

  test('it is the published function for any four u32', () => {
    const u32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff))
    const law = fc.property(u32, u32, u32, u32, (x, y, z, w) => {
      expect(pcg4d(x, y, z, w)).toEqual(published([x, y, z, w]))
    })
    fc.assert(law, { numRuns: 2000 })
  })
})

describe('uniform', () => {
  const seed = fc.maxSafeNat()
  const place = fc.record({ seed, stream: fc.nat(0xffffffff), index: fc.nat(0xffffffff) })

  test('a number from 0 to below 1 that f32 holds exactly, the upper 24 bits of the published function', () => {
    const law = fc.property(place, (draw) => {
      const value = uniform(draw)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(1)
      expect(Math.fround(value)).toBe(value)
      const words = [Number(BigInt(draw.seed) & 0xffffffffn), Number(BigInt(draw.seed) >> 32n)]
      const [bits] = published([...words, draw.stream, draw.index])
      expect(value).toBe(Math.floor(bits / 256) / 16777216)
    })
    fc.assert(law, { numRuns: 1000 })
  })

  const even = Array.from({ length: 64 }, () => 1 / 64)
  test.each([
    ['places of one stream', (n: number) => uniform({ seed: 1, stream: 0, index: n })],
    ['streams of one seed', (n: number) => uniform({ seed: 1, stream: n, index: 0 })],
    ['seeds', (n: number) => uniform({ seed: n, stream: 0, index: 0 })],
    ['seeds that differ beyond 32 bits', (n: number) => uniform({ seed: n * 2 ** 32 + 5, stream: 0, index: 0 })],
  ])('%s are spread evenly, and pairs of them too', (_, draw) => {
    expectDistribution(
      countDraws(20_000, (n) => Math.floor(draw(n) * 64)),
      even,
    )
    const pair = (n: number) => Math.floor(draw(2 * n) * 8) * 8 + Math.floor(draw(2 * n + 1) * 8)
    expectDistribution(countDraws(20_000, pair), even)
  })
})
