import { describe, expect, test } from 'vitest'
import type { SamplingOptions } from '../../src/core/protocol.ts'
import { createDrawBuffers, type ReplyRules } from '../../src/forward/draw-buffers.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createDispatchList, createKernelCache, type KernelCache } from '../../src/gpu/dispatch-list.ts'
import { submit } from '../../src/gpu/recorder.ts'
import { gpuPreset, type Preset, softwarePreset } from '../../src/kernels/preset.ts'
import { readDrawn, sample } from '../../src/kernels/sample.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { expectDistribution } from '../tools/chi-square.ts'
import { bufferOf, contents, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

/** Nothing is kept back and nothing bent. */
const PLAIN = { ...defaultSampling, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: 2 ** 40 + 9 }
const FREE = { bias: new Map<number, number>(), banned: [] }

interface Case {
  readonly logits: Float32Array<ArrayBuffer>
  readonly options?: Partial<SamplingOptions>
  readonly constraint?: ReplyRules['constraint']
  readonly banned?: readonly number[]
}

/** Where draws are made; the kernel takes long to compile. */
interface Bench {
  readonly gpu: Gpu
  readonly preset: Preset
  readonly kernels: KernelCache
}

const withBench = (preset: Preset, work: (bench: Bench) => Promise<void>) =>
  withGpu((gpu) => work({ gpu, preset, kernels: createKernelCache(gpu) }))

const rulesOf = ({ options, constraint = FREE, banned = [] }: Case): ReplyRules => ({
  sampling: { ...PLAIN, ...options },
  constraint,
  banned,
  stream: 3,
})

/** What the GPU draws from the same logits at each index, for each case: all in one dispatch. */
async function drawMany(bench: Bench, cases: readonly Case[], indices: readonly number[]) {
  const { gpu, preset, kernels } = bench
  const V = cases[0].logits.length
  const stride = Math.ceil(V / 4) * 4
  const count = cases.length * indices.length
  const buffers = createDrawBuffers(gpu, { V, replies: cases.length, draws: count })
  const rows = new Float32Array(count * stride)
  const draws: number[] = []
  for (const [i, one] of cases.entries()) {
    const reply = buffers.begin(rulesOf(one)) as number
    for (const [j, index] of indices.entries()) {
      const output = i * indices.length + j
      rows.set(one.logits, output * stride)
      draws.push(output, reply, index)
    }
  }
  const logits = bufferOf(gpu, 'logits', rows)
  const places = bufferOf(gpu, 'draws', Uint32Array.from(draws))
  const list = await createDispatchList(gpu, kernels, [sample({ ...buffers, preset, V, draws: places, logits })])
  submit(gpu, { label: 'draws', ...list, shape: { rows: 0, entries: 0, outputs: count, draws: count } })
  const bits = new Uint32Array((await contents(gpu, buffers.drawn)).buffer).slice(cases.length, cases.length + count)
  for (const owned of [list, buffers, logits, places]) owned.dispose()
  return cases.map((_, i) => [...bits.slice(i * indices.length, (i + 1) * indices.length)])
}

/** What the CPU draws. */
function drawnByCpu(one: Case, indices: readonly number[]): number[] {
  const { sampling, constraint, banned, stream } = rulesOf(one)
  const sampler = createCpuSampler(one.logits.length, banned)
  const { seed } = sampling
  return indices.map((index) =>
    sampler.sample({
      logits: one.logits,
      options: sampling,
      penalties: createPenalties(),
      constraint,
      seed,
      stream,
      index,
    }),
  )
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
/** As logits of a language model are spread: a few stand out. */
const peaked = (seed: number, V: number) => randomArray(seed, V).map((value) => 12 * value ** 5 - 4)
/** Few different ones, from -20 to 4. */
const coarse = (seed: number, V: number) => randomArray(seed, V).map((value) => Math.round(4 * value) * 3 - 8)

const manyOptions: readonly Partial<SamplingOptions>[] = [
  { temperature: 0 },
  { topP: 0 },
  {},
  { temperature: 0.4 },
  { temperature: 5 },
  { temperature: Number.MIN_VALUE },
  { topP: 0.85 },
  { topP: 0.3, temperature: 2 },
  { topP: 0.999 },
  { topP: 1e-12 },
  { topK: 1, temperature: 10 },
  { topK: 40 },
  { topK: 3, topP: 0.9 },
  { topK: 60, temperature: 10 },
  { topK: 2 ** 32 - 1 },
  { minP: 0.1 },
  { minP: 1, temperature: 3 },
  { minP: 0.01, topP: 0.95, topK: 100, temperature: 1.5 },
]

describe.each([
  {
    preset: softwarePreset,
    most: 40,
    sizes: [
      { V: 4096, logitsOf: peaked },
      { V: 50277, logitsOf: peaked },
      { V: 77, logitsOf: coarse },
      { V: 1, logitsOf: coarse },
    ],
  },
  // Barriers of many invocations cost much on the software adapter, so there is less of it.
  { preset: gpuPreset, most: 3, sizes: [{ V: 4095, logitsOf: coarse }] },
])('sample with the $preset.name preset', ({ preset, most, sizes }) => {
  test.each(sizes)('V = $V, $logitsOf.name: the same ids as on the CPU, whatever the options', ({ V, logitsOf }) =>
    withBench(preset, async (bench) => {
      const logits = logitsOf(V, V)
      const bias = new Map([0, V >> 1, V - 1].map((id, i) => [id, 4 * i - 3]))
      const banned = [3, 31, 32, V - 2].filter((id) => id > 0 && id < V)
      const allowed = upTo(V).filter((id) => id % 3 === 0)
      const cases: Case[] = [
        ...manyOptions.map((options) => ({ logits, options })),
        { logits, constraint: { bias, banned }, banned: banned.map((id) => (id + 8) % V).filter((id) => id > 0) },
        { logits, constraint: { bias, banned, allowed }, options: { topP: 0.7 } },
        { logits: logits.map((logit, id) => (id % 7 === 1 ? -Infinity : logit)), options: { topK: V, temperature: 9 } },
        { logits: logits.map((_, id) => (id < 2 ? 1 : -Infinity)), options: { topP: 0.5 } }, // what one of two holds
      ]
      const indices = upTo(V > 10_000 ? 3 : most)
      const drawn = await drawMany(bench, cases, indices)
      cases.forEach((one, i) => {
        expect(drawn[i], JSON.stringify(one.options)).toEqual(drawnByCpu(one, indices))
      })
    }),
  )

  test('counts fade and penalties grow as on the CPU, also where some ids are not counted, each reply by itself, from nothing at its first draw', () =>
    withGpu(async (gpu) => {
      const V = 77
      const penalized: readonly Partial<SamplingOptions>[] = [
        { presencePenalty: 0.7, frequencyPenalty: 0.9, penaltyDecay: 0.9, topP: 0.9 },
        { presencePenalty: -0.5, penaltyDecay: 0 },
        { frequencyPenalty: 2, temperature: 0 },
        { presencePenalty: 0.3, frequencyPenalty: 4, penaltyDecay: 0.95, temperature: 3 },
      ]
      const exempt = new Set(upTo(V).filter((id) => id % 3 !== 1))
      const constraints = penalized.map((_, i) => {
        if (i === 1) return FREE
        return { bias: new Map(i === 3 ? [2, 4, 75].map((id) => [id, 1.5]) : []), banned: [], exempt }
      })
      const logits = peaked(5, V)
      const stride = 80
      const buffers = createDrawBuffers(gpu, { V, replies: 4, draws: 4 })
      const rows = bufferOf(gpu, 'logits', new Float32Array(4 * stride))
      const places = bufferOf(gpu, 'draws', new Uint32Array(12))
      const list = await createDispatchList(gpu, createKernelCache(gpu), [
        sample({ ...buffers, preset, V, draws: places, logits: rows }),
      ])
      for (const length of [12, 5]) {
        const replies = penalized.map(
          (options, i) => buffers.begin(rulesOf({ logits, options, constraint: constraints[i] })) as number,
        )
        const sampler = createCpuSampler(V, [])
        const penalties = constraints.map((one: Case['constraint']) => createPenalties(one?.exempt))
        for (let index = 0; index < length; index++) {
          replies.forEach((_, i) => {
            gpu.device.queue.writeBuffer(rows.gpu, i * stride * 4, logits)
          })
          gpu.device.queue.writeBuffer(
            places.gpu,
            0,
            Uint32Array.from(replies.flatMap((reply, i) => [i, reply, index])),
          )
          submit(gpu, { label: 'draw', ...list, shape: { rows: 0, entries: 0, outputs: 4, draws: 4 } })
          const drawn = new Uint32Array((await contents(gpu, buffers.drawn)).buffer).slice(4, 8)
          const expected = penalized.map((options, i) => {
            const { sampling, stream } = rulesOf({ logits, options })
            const { seed } = sampling
            const rules = { options: sampling, penalties: penalties[i], constraint: constraints[i] }
            const id = sampler.sample({ logits, ...rules, seed, stream, index })
            penalties[i].add(id, sampling.penaltyDecay)
            return id
          })
          expect([...drawn], `draw ${index}`).toEqual(expected)
        }
        replies.forEach(buffers.end)
      }
      for (const owned of [list, buffers, rows, places]) owned.dispose()
    }))

  test('nonsense is told in place of an id', () =>
    withBench(preset, async (bench) => {
      const { NaN: none } = Number
      const nonsense: readonly [Omit<Case, 'options'>, ReturnType<typeof readDrawn>][] = [
        [{ logits: Float32Array.of(0, 1, none, Infinity) }, { id: 2, wrong: none }],
        [{ logits: Float32Array.of(0, Infinity, none, 1) }, { id: 1, wrong: Infinity }],
        [{ logits: new Float32Array(4).fill(-Infinity) }, { id: -1, wrong: -Infinity }],
        [
          { logits: Float32Array.of(1, 2, 0, 0), banned: [0, 1, 2, 3] },
          { id: -1, wrong: -Infinity },
        ],
        [{ logits: Float32Array.of(1, none, 0, 0), banned: [1, 2, 3] }, { id: 0 }],
      ]
      const ways = [{}, { temperature: 0 }, { topP: 0.5 }]
      const cases = nonsense.flatMap(([one]) => ways.map((options) => ({ ...one, options })))
      const drawn = await drawMany(bench, cases, [0])
      expect(drawn.map(([bits]) => readDrawn(bits))).toEqual(nonsense.flatMap(([, told]) => ways.map(() => told)))
    }))
})

test('20,000 draws fit the probabilities', () =>
  withBench(softwarePreset, async (bench) => {
    const ways: readonly [Partial<SamplingOptions>, Float32Array<ArrayBuffer>][] = [
      [{}, peaked(6, 61)],
      [{ topP: 0.9, temperature: 2 }, peaked(7, 61)],
      [{ topK: 25, temperature: 4 }, coarse(8, 61)], // ends within ids of one score
      [{ minP: 0.03, temperature: 0.7 }, peaked(9, 61)],
    ]
    for (const [options, logits] of ways) {
      const [drawn] = await drawMany(bench, [{ logits, options }], upTo(20_000))
      const counts = new Map<number, number>()
      for (const id of drawn) counts.set(id, (counts.get(id) ?? 0) + 1)
      expectDistribution(counts, probabilitiesOf(logits, { ...PLAIN, ...options }))
    }
  }))

/** By the book, in float64. */
function probabilitiesOf(logits: Float32Array, { temperature, topP, topK, minP }: SamplingOptions): number[] {
  const normalize = (weights: readonly number[]) => {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return weights.map((weight) => weight / sum)
  }
  const softmax = normalize(Array.from(logits, (logit) => Math.exp(logit)))
  const order = upTo(logits.length).sort((a, b) => softmax[b] - softmax[a] || a - b)
  const kept = new Set<number>()
  let held = 0
  for (const id of order) {
    if (held >= topP || (topK > 0 && kept.size === topK) || softmax[id] < minP * softmax[order[0]]) break
    kept.add(id)
    held += softmax[id]
  }
  return normalize(softmax.map((probability, id) => (kept.has(id) ? probability ** (1 / temperature) : 0)))
}
