import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SamplingOptions } from '../../src/core/protocol.ts'
import type { Constraint } from '../../src/sample/constraint.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { countDraws, expectDistribution } from '../tools/chi-square.ts'
import { randomArray } from '../tools/random-array.ts'

/** Nothing is kept back and nothing bent. */
const PLAIN: SamplingOptions = { ...defaultSampling, topP: 1, presencePenalty: 0, frequencyPenalty: 0 }

interface Case {
  readonly logits: Float32Array
  readonly options?: Partial<SamplingOptions>
  readonly banned?: readonly number[]
  readonly constraint?: Pick<Constraint, 'bias' | 'allowed' | 'banned'>
  readonly excluded?: readonly number[]
  /** Ids already in the reply. */
  readonly said?: readonly number[]
}

/** A sampler of one case: index of the draw -> id. */
function drawerOf({ logits, options, banned = [], said = [], ...limits }: Case, { seed = 1, stream = 0 } = {}) {
  const sampler = createCpuSampler(logits.length, banned)
  const penalties = createPenalties()
  for (const id of said) penalties.add(id, 1)
  return (index: number) =>
    sampler.sample({ logits, options: { ...PLAIN, ...options }, penalties, ...limits, seed, stream, index })
}

/** The probabilities by the book, in float64: no tricks. */
function oracle({ logits, options, banned = [], said = [], constraint, excluded = [] }: Case): number[] {
  const { temperature, topP, topK, minP, presencePenalty, frequencyPenalty } = { ...PLAIN, ...options }
  const impossible = [...banned, ...excluded, ...(constraint?.banned ?? [])]
  const scores = Array.from(logits, (plain, id) => {
    const logit = plain + (constraint?.bias.get(id) ?? 0)
    if (impossible.includes(id) || constraint?.allowed?.includes(id) === false) return -Infinity
    const count = said.filter((other) => other === id).length
    return count > 0 ? logit - presencePenalty - frequencyPenalty * count : logit
  })
  const normalize = (weights: number[]) => {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return weights.map((weight) => weight / sum)
  }
  const most = Math.max(...scores)
  const softmax = normalize(scores.map((score) => Math.exp(score - most)))
  const order = scores.map((_, id) => id).sort((a, b) => scores[b] - scores[a] || a - b)
  const kept = new Set<number>()
  let held = 0
  for (const id of order) {
    if ((topP < 1 && held >= topP) || (topK > 0 && kept.size === topK) || softmax[id] < minP * softmax[order[0]]) break
    kept.add(id)
    held += softmax[id]
  }
  return normalize(softmax.map((probability, id) => (kept.has(id) ? probability ** (1 / temperature) : 0)))
}

describe('greedy', () => {
  const anyLogits = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 40 })
  test.each([{ temperature: 0 }, { topP: 0 }])('%o takes the most probable id, the lowest of equal ones', (options) => {
    const coarse = fc
      .array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 40 })
      .map((all) => Float32Array.from(all))
    const law = fc.property(fc.oneof(anyLogits, coarse), (logits) => {
      const first = logits.findIndex((logit) => logits.every((other) => other <= logit))
      expect(drawerOf({ logits, options })(0)).toBe(first)
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('top_k 1 is greedy whatever the temperature', () => {
    const draw = drawerOf({ logits: Float32Array.of(1, 3, 3, 2), options: { topK: 1, temperature: 10 } })
    expect([...countDraws(100, draw).keys()]).toEqual([1])
  })

  test('a temperature of next to nothing leaves the best', () => {
    const draw = drawerOf({ logits: Float32Array.of(1, 3, 2), options: { temperature: Number.MIN_VALUE } })
    expect(draw(0)).toBe(1)
  })

  test('penalties come before the choice', () => {
    const logits = Float32Array.of(0, 1, 0.9)
    const options = { temperature: 0, presencePenalty: 0.05, frequencyPenalty: 0.03 }
    expect(drawerOf({ logits, options, said: [1] })(0)).toBe(1) // 1 - 0.05 - 0.03 = 0.92
    expect(drawerOf({ logits, options, said: [1, 1] })(0)).toBe(2) // 1 - 0.05 - 0.06 = 0.89
    expect(drawerOf({ logits, options: { ...options, presencePenalty: -0.2 }, said: [2] })(0)).toBe(2)
  })
})

describe('a draw', () => {
  const four = Float32Array.of(Math.log(0.4), Math.log(0.3), Math.log(0.2), Math.log(0.1))
  const wide = randomArray(7, 300, 8)
  const flat = randomArray(8, 300, 0.01)
  const steep = Float32Array.from({ length: 300 }, (_, id) => (id === 0 ? 0 : -60))
  const far = Float32Array.from({ length: 400 }, (_, id) => (id % 37) * -6)

  test.each<[string, Case]>([
    ['plain softmax', { logits: four }],
    ['logits far from zero', { logits: four.map((logit) => logit + 500) }],
    ['hot', { logits: four, options: { temperature: 2.5 } }],
    ['cold', { logits: four, options: { temperature: 0.4 } }],
    ['top_p that ends on an id', { logits: four, options: { topP: 0.65 } }],
    ['top_p before temperature', { logits: four, options: { topP: 0.85, temperature: 3 } }],
    ['top_k', { logits: four, options: { topK: 2 } }],
    ['top_k within top_p', { logits: four, options: { topP: 0.85, topK: 2, temperature: 0.7 } }],
    ['top_p within top_k', { logits: four, options: { topP: 0.5, topK: 3 } }],
    ['min_p', { logits: four, options: { minP: 0.6 } }],
    ['min_p before temperature', { logits: four, options: { minP: 0.45, temperature: 4 } }],
    [
      'min_p of 1 keeps those that are as probable as the best',
      { logits: four.map((x, id) => (id < 3 ? 1 : x)), options: { minP: 1 } },
    ],
    ['min_p within top_p', { logits: wide, options: { minP: 0.05, topP: 0.95 } }],
    [
      'biases',
      {
        logits: four,
        constraint: {
          bias: new Map([
            [3, 2],
            [0, -1.5],
          ]),
          banned: [],
        },
      },
    ],
    ['allowed ids', { logits: four, constraint: { bias: new Map(), allowed: [1, 3], banned: [] } }],
    ['banned and excluded ids', { logits: four, constraint: { bias: new Map(), banned: [1] }, excluded: [0] }],
    [
      'all of it at once',
      {
        logits: wide,
        options: { minP: 0.01, topP: 0.97, topK: 40, temperature: 1.7, frequencyPenalty: 0.5 },
        constraint: { bias: new Map([[7, 3]]), allowed: Array.from({ length: 200 }, (_, id) => id), banned: [9, 11] },
        excluded: [13],
        said: [7, 20, 20],
      },
    ],
    ['banned ids', { logits: four, banned: [0, 3] }],
    ['penalties', { logits: four, said: [0, 0, 2], options: { presencePenalty: 0.5, frequencyPenalty: 0.4 } }],
    ['penalties below zero', { logits: four, said: [3], options: { presencePenalty: -2 } }],
    ['many ids of very different probability', { logits: wide }],
    ['many ids, the usual options', { logits: wide, options: { topP: 0.85, temperature: 1 } }],
    ['many ids, hot', { logits: wide, options: { topP: 0.98, temperature: 2 } }],
    ['nearly equal logits', { logits: flat, options: { topP: 0.9 } }],
    ['equal logits in groups', { logits: far, options: { topP: 0.999, temperature: 10 } }],
    ['top_p 1, ids that add nothing to a sum', { logits: steep, options: { temperature: 10 } }],
    ['impossible ids', { logits: Float32Array.of(0, -Infinity, 1, -1e30), options: { temperature: 10 } }],
  ])('%s: 20,000 draws fit the probabilities by the book', (_, sampled) => {
    expectDistribution(countDraws(20_000, drawerOf(sampled)), oracle(sampled))
  })

  test('the same place in the same stream of the same seed gives the same id, another gives another', () => {
    const ids = (place: { seed?: number; stream?: number }) =>
      Array.from({ length: 200 }, (_, i) => drawerOf({ logits: wide }, place)(i))
    const first = ids({ seed: 5, stream: 2 })
    expect(ids({ seed: 5, stream: 2 })).toEqual(first)
    for (const other of [
      { seed: 6, stream: 2 },
      { seed: 5, stream: 3 },
      { seed: 5 + 2 ** 40, stream: 2 },
    ])
      expect(ids(other)).not.toEqual(first)
  })

  test('a draw depends on nothing drawn before, and leaves the logits alone', () => {
    const before = wide.slice()
    const drawer = drawerOf({ logits: wide, banned: [3], said: [1] })
    const forward = Array.from({ length: 50 }, (_, i) => drawer(i))
    const backward = Array.from({ length: 50 }, (_, i) => drawer(49 - i)).reverse()
    expect(backward).toEqual(forward)
    expect(wide).toEqual(before)
  })

  test('a banned id is never drawn, however probable', () => {
    const logits = randomArray(9, 50, 5)
    const banned = [3, 17, 49]
    for (const id of banned) logits[id] = 100
    for (const options of [{}, { temperature: 0 }, { temperature: 10 }, { topK: 3 }]) {
      const drawn = countDraws(2000, drawerOf({ logits, options, banned, said: [4] }))
      expect(banned.filter((id) => drawn.has(id))).toEqual([])
    }
  })

  test('any draw is of the set by the book', () => {
    const logits = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 30 })
    const options = fc.record({
      temperature: fc.double({ min: 0.05, max: 10, noNaN: true }),
      topP: fc.constantFrom(0.01, 0.3, 0.77, 1),
      topK: fc.nat(5),
    })
    const law = fc.property(logits, options, fc.nat(), (all, own, seed) => {
      const sampled = { logits: Float32Array.from(all, (logit) => logit / 8), options: own }
      const probabilities = oracle(sampled)
      const draw = drawerOf(sampled, { seed })
      for (let index = 0; index < 20; index++) expect(probabilities[draw(index)]).toBeGreaterThan(0)
    })
    fc.assert(law, { numRuns: 300 })
  })
})

describe('nonsense', () => {
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'model/not-finite', message: expect.stringContaining(message) })

  test.each([{}, { temperature: 0 }])('a logit that is NaN is refused by its id, with %o', (options) => {
    const logits = Float32Array.of(0, 1, Number.NaN, 2)
    expect(() => drawerOf({ logits, options })(0)).toThrow(refusal('token 2'))
  })

  test.each([{}, { temperature: 0 }])('an infinite logit is refused by its id, with %o', (options) => {
    const logits = Float32Array.of(0, 1, 2, Infinity)
    expect(() => drawerOf({ logits, options })(0)).toThrow(refusal('token 3'))
  })

  test('no id that can be drawn is refused', () => {
    expect(() => drawerOf({ logits: Float32Array.of(-Infinity, -Infinity) })(0)).toThrow(refusal('No token'))
    expect(() => drawerOf({ logits: Float32Array.of(1, 2), banned: [0, 1] })(0)).toThrow(refusal('No token'))
  })
})
