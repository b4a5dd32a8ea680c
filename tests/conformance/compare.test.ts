import { describe, expect, test } from 'vitest'
import type { Cases, ConformanceSet } from '../tools/golden.ts'
import { compare, stateRatio } from './compare.ts'
import { type ModelResults, planOf, type Results } from './run-set.ts'

const WAYS = ['sequential', 'parallel', 'chunk=1', 'chunk=7', 'chunk=64', 'batch']
const CONTAINER = 'tiny.f32.safetensors'
const BAD = 'bad/empty.safetensors'
const LOGITS = [0.5, -1, 2, 0.25]

const cases: Cases = {
  V: 4,
  D: 2,
  L: 1,
  F: 4,
  logit_ids: null,
  cases: {
    one: { tokens: [1], split: null, logits: LOGITS, argmax: 2, atol: 0.01 },
    long: { tokens: [1, 2, 3], split: 2, logits: LOGITS, argmax: 2, atol: 0.01 },
  },
  greedy: { prompt: [1], tokens: [2, 3, 0, 1], safe: 3 },
  state: {
    tokens: [1, 2],
    layers: [
      { x_att: [10, 1], x_ffn: [0.5, 1], aa: [2, 3], bb: [4, 1], pp: [0, 1], mean: [0.5, 3], logden: [Math.log(4), 1] },
    ],
    atol: { x_att: 0.01, x_ffn: 0.01, aa: 0.01, bb: 0.01, pp: 0.01 },
  },
  perplexity: { random: { tokens: [1, 2, 3], nll_mean: 1.5, atol_nll_mean: 0.001 } },
}

const set: ConformanceSet = {
  folder: '',
  cases: { 'tiny.F32': cases },
  containers: { [CONTAINER]: { cases: 'tiny.F32', probe: 'one' } },
  bad: { [BAD]: 'refuse' },
  world: undefined,
  bpe20b: undefined,
}

/** What a sound implementation hands in; changed by `plant`. */
function results(plant: (model: ModelResults, all: Results) => unknown = () => {}): Results {
  const labels = [...WAYS.map((way) => `one@${way}`), ...[...WAYS, 'restored'].map((way) => `long@${way}`)]
  const model: ModelResults = {
    logits: Object.fromEntries(labels.map((label) => [label, [...LOGITS]])),
    greedy: [2, 3, 0, 1],
    state: [{ x_att: [10, 1], x_ffn: [0.5, 1], aa: [2, 3], bb: [4, 1], pp: [0, 1] }],
    nll: { random: 1.5 },
  }
  const all: Results = {
    models: { 'tiny.F32': model },
    containers: { [CONTAINER]: [...LOGITS] },
    bad: { [BAD]: 'is empty' },
    failed: {},
  }
  plant(model, all)
  return all
}

const missesOf = (handedIn: Results, against = set) => compare(against, handedIn).flatMap(({ misses }) => misses)
const planted = (plant: (model: ModelResults, all: Results) => unknown) => missesOf(results(plant))

describe('compare', () => {
  test('what is right, or within its limit, is no miss', () => {
    const verdicts = compare(set, results())
    expect(verdicts.map(({ name, ratio, misses }) => [name, ratio, misses])).toEqual([
      ['tiny.F32', 0, []],
      [CONTAINER, 0, []],
      [BAD, 0, []],
    ])
    const [near] = compare(
      set,
      results(({ logits }) => {
        logits['long@batch'][1] = -1.009
      }),
    )
    expect(near.misses).toEqual([])
    expect(near.ratio).toBeCloseTo(0.9, 6)
  })

  test.each<[string, (model: ModelResults, all: Results) => unknown, RegExp]>([
    ['a wrong logit', ({ logits }) => logits['long@restored'].splice(3, 1, 0.27), /^long@restored: 2\.00 × the limit$/],
    ['two logits exchanged', ({ logits }) => logits['one@parallel'].reverse(), /^one@parallel: /],
    ['a NaN', ({ logits }) => logits['one@batch'].fill(Number.NaN, 0, 1), /^one@batch: Infinity/],
    ['an infinity', ({ logits }) => logits['one@batch'].fill(Infinity, 0, 1), /^one@batch: Infinity/],
    ['a null, for a NaN', ({ logits }) => logits['one@batch'].fill(null as never, 0, 1), /^one@batch: Infinity/],
    ['logits that end early', ({ logits }) => logits['one@batch'].pop(), /^one@batch: Infinity/],
    ['a missing way', ({ logits }) => delete logits['one@chunk=7'], /^one@chunk=7 is missing/],
    ['a missing restored state', ({ logits }) => delete logits['long@restored'], /^long@restored is missing/],
    ['a wrong id', ({ greedy }) => greedy?.splice(2, 1, 1), /^greedy id 2: Infinity/],
    ['ids that end early', ({ greedy }) => greedy?.splice(1), /^greedy id 1: Infinity/],
    ['no ids', (model) => delete model.greedy, /^greedy id 0: Infinity/],
    ['a wrong shift row', ({ state }) => state?.[0].x_ffn.splice(0, 1, 0.52), /^state: 2\.00/],
    ['a wrong mean', ({ state }) => state?.[0].aa.splice(0, 1, 2.08), /^state: 2\.00/],
    ['a wrong exponent', ({ state }) => state?.[0].pp.splice(0, 1, 0.02), /^state: 2\.00/],
    ['a NaN in the state', ({ state }) => state?.[0].pp.splice(1, 1, Number.NaN), /^state: Infinity/],
    ['a denominator below 0', ({ state }) => state?.[0].bb.splice(0, 1, -4), /^state: Infinity/],
    ['no state', (model) => delete model.state, /^state: Infinity/],
    ['a wrong perplexity', ({ nll }) => Object.assign(nll, { random: 1.502 }), /^nll random: 2\.00/],
    ['no perplexity', ({ nll }) => delete nll.random, /^nll random: Infinity/],
    [
      'a container with a wrong logit',
      (_, all) => (all.containers[CONTAINER] as number[]).fill(0, 0, 1),
      /^logits: 50/,
    ],
    [
      'a container that did not load',
      (_, all) => Object.assign(all.containers, { [CONTAINER]: 'Error: no' }),
      /^did not load: Error: no/,
    ],
    ['a bad file that loaded', (_, all) => Object.assign(all.bad, { [BAD]: null }), /^loaded; expected a refusal/],
    ['a missing model', (_, all) => delete all.models['tiny.F32'], /^tiny\.F32 is missing/],
    [
      'a model that did not run',
      (_, all) => {
        all.models = {}
        all.failed['tiny.F32'] = 'Error: no'
      },
      /^did not run: Error: no/,
    ],
    ['a missing container', (_, all) => delete all.containers[CONTAINER], /safetensors is missing/],
    ['a missing bad file', (_, all) => delete all.bad[BAD], /empty\.safetensors is missing/],
  ])('%s is found, and nothing else', (_, plant, miss) => {
    const misses = planted(plant)
    expect(misses).toEqual([expect.stringMatching(miss)])
  })

  test('what was not wanted is not missed', () => {
    const nothing = { models: {}, containers: {}, bad: {}, failed: {} }
    expect(compare(set, nothing, { models: [], containers: [], bad: [] })).toEqual([])
    expect(compare(set, nothing).map(({ name }) => name)).toEqual(['tiny.F32', CONTAINER, BAD])
  })

  test('ids after a near tie are not judged', () => {
    expect(planted(({ greedy }) => greedy?.splice(3, 1, 0))).toEqual([])
  })

  test('another spelling of the same sums is the same state', () => {
    const shifted = {
      x_att: [10, 1],
      x_ffn: [0.5, 1],
      aa: [2, 3].map((a) => a / Math.E),
      bb: [4, 1].map((b) => b / Math.E),
      pp: [1, 2],
    }
    expect(stateRatio(cases.state as NonNullable<Cases['state']>, [shifted])).toBeLessThan(1e-6)
  })

  test('a shift row may be off by its limit times its largest value, or by its limit where that is below 1', () => {
    const ratio = (row: 'x_att' | 'x_ffn', by: number) =>
      stateRatio(
        cases.state as NonNullable<Cases['state']>,
        results(({ state }) => {
          if (state) state[0][row][1] += by
        }).models['tiny.F32'].state,
      )
    expect(ratio('x_att', 0.05)).toBeCloseTo(0.5, 6) // largest value 10
    expect(ratio('x_ffn', 0.005)).toBeCloseTo(0.5, 6) // largest value 1
  })

  test('where a set gives the logits of some ids, all logits or those alone may be handed in', () => {
    const some = { ...cases, logit_ids: [3, 1], cases: { one: { ...cases.cases.one, logits: [0.25, -1] } } }
    const ofSome = { ...set, cases: { 'tiny.F32': some } }
    const handedIn = (logits: number[]) =>
      results((model, all) => {
        model.logits = Object.fromEntries(WAYS.map((way) => [`one@${way}`, logits]))
        all.containers[CONTAINER] = logits
      })
    expect(missesOf(handedIn(LOGITS), ofSome)).toEqual([])
    expect(missesOf(handedIn([0.25, -1]), ofSome)).toEqual([])
    expect(missesOf(handedIn([0.25, -1, 2, 0.5]), ofSome)).toHaveLength(WAYS.length + 1)
    expect(missesOf(handedIn([0.25, -0.9]), ofSome)).toHaveLength(WAYS.length + 1)
  })
})

test.each([
  [['seven*'], ['seven128.F32', 'seven192.F32']],
  [['seven128'], ['seven128.F32']],
  [
    ['seven128.F32', 'six*'],
    ['seven128.F32', 'six128.BF16'],
  ],
])('%j selects %j and their containers', (models, expected) => {
  const names = ['seven128.F32', 'seven192.F32', 'six128.BF16']
  const several: ConformanceSet = {
    ...set,
    cases: Object.fromEntries(names.map((name) => [name, cases])),
    containers: Object.fromEntries(names.map((name) => [`${name}.st`, { cases: name, probe: 'one' }])),
  }
  const plan = planOf(several, (model) => `${model}.st`, models)
  expect(plan.models.map(({ name }) => name)).toEqual(expected)
  expect(plan.containers.map(({ name }) => name)).toEqual(expected.map((name) => `${name}.st`))
})

test('a model that the set does not have is refused, and not a run of nothing', () => {
  const plan = (models: readonly string[]) => planOf(set, (model) => model, models).models.map(({ name }) => name)
  expect(plan(['tiny'])).toEqual(['tiny.F32'])
  expect(() => plan(['tiny', 'tin'])).toThrow(/no model tin; it has tiny\.F32/)
})
