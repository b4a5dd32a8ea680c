/** @file Results against the set: the worst error of each model as a part of what is allowed, and every miss by name. */

import { worst } from '../tools/closeness.ts'
import type { Cases, ConformanceSet } from '../tools/golden.ts'
import type { ModelResults, Results } from './run-set.ts'

/** One model, container or bad file. */
export interface Verdict {
  readonly name: string
  /** Worst error over its limit; 1 is the limit. */
  readonly ratio: number
  readonly misses: readonly string[]
}

/** NaN and Infinity are written as null, which must never count as close. */
type Numbers = readonly (number | null)[]

const numbers = (values: Numbers | undefined): number[] => (values ?? []).map((value) => value ?? NaN)

/** What must be handed in: a plan, or all of the set. */
interface Wanted {
  readonly models: readonly { readonly name: string }[]
  readonly containers: readonly { readonly name: string }[]
  readonly bad: readonly string[]
}

const everything = ({ cases, containers, bad }: ConformanceSet): Wanted => ({
  models: Object.keys(cases).map((name) => ({ name })),
  containers: Object.keys(containers).map((name) => ({ name })),
  bad: Object.keys(bad),
})

/** Judge everything that is `wanted`; what was not handed in is a miss. */
export function compare(set: ConformanceSet, results: Results, wanted: Wanted = everything(set)): Verdict[] {
  const missed = (name: string, miss: string): Verdict => ({ name, ratio: Infinity, misses: [miss] })
  return [
    ...wanted.models.map(({ name }) => {
      const got = results.models[name]
      if (got) return compareModel(name, set.cases[name], got)
      return missed(name, name in results.failed ? `did not run: ${results.failed[name]}` : `${name} is missing`)
    }),
    ...wanted.containers.map(({ name }) => {
      const got = results.containers[name]
      if (got === undefined) return missed(name, `${name} is missing`)
      if (typeof got === 'string') return missed(name, `did not load: ${got}`)
      const cases = set.cases[set.containers[name].cases]
      const { logits, atol } = cases.cases[set.containers[name].probe]
      return verdict(name, [['logits', ratioOf(pick(got, cases), logits, atol)]])
    }),
    ...wanted.bad.map((name) => {
      const message = results.bad[name]
      if (message === undefined) return missed(name, `${name} is missing`)
      return message === null ? missed(name, 'loaded; expected a refusal') : verdict(name, [])
    }),
  ]
}

function compareModel(name: string, cases: Cases, got: ModelResults): Verdict {
  const checks: [string, number][] = []
  for (const [label, logits] of Object.entries(got.logits)) {
    const expected = cases.cases[label.slice(0, label.indexOf('@'))]
    checks.push([label, ratioOf(pick(logits, cases), expected.logits, expected.atol)])
  }
  for (const [label, { split }] of Object.entries(cases.cases)) {
    const needed = [
      'sequential',
      'parallel',
      'chunk=1',
      'chunk=7',
      'chunk=64',
      'batch',
      ...(split === null ? [] : ['restored']),
    ]
    for (const way of needed) if (!got.logits[`${label}@${way}`]) checks.push([`${label}@${way} is missing`, Infinity])
  }
  if (cases.greedy) {
    const { tokens, safe } = cases.greedy
    const wrong = tokens.slice(0, Math.min(safe, 64)).findIndex((id, i) => id !== got.greedy?.[i])
    checks.push([`greedy id ${wrong}`, wrong < 0 ? 0 : Infinity])
  }
  if (cases.state) checks.push(['state', stateRatio(cases.state, got.state)])
  for (const [label, { nll_mean, atol_nll_mean }] of Object.entries(cases.perplexity ?? {})) {
    checks.push([`nll ${label}`, ratioOf([got.nll[label]], [nll_mean], atol_nll_mean)])
  }
  if (cases.tuned) checks.push(['tuned', ratioOf(got.tuned ?? [], cases.tuned.logits, cases.tuned.atol)])
  cases.score?.forEach(({ logprob, greedy, atol }, i) => {
    const [sum, isGreedy] = got.score?.[i] ?? [NaN, undefined]
    checks.push([`score ${i}`, ratioOf([sum], [logprob], atol)])
    checks.push([`score ${i} greedy`, isGreedy === greedy ? 0 : Infinity])
  })
  if (cases.beam) {
    const wrong = cases.beam.beams.findIndex((ids, i) => ids.join() !== got.beam?.[i]?.join())
    checks.push([`beam ${wrong}`, wrong < 0 ? 0 : Infinity])
  }
  return verdict(name, checks)
}

/**
 * Rows by atol·max(1, max|row|); aa, bb, pp of RWKV-4 by aa/bb and log(bb)+pp, since they are one of many spellings. Versions
 * with `s` have no such sums.
 */
export function stateRatio({ layers, atol }: NonNullable<Cases['state']>, got: ModelResults['state']): number {
  const ratios = layers.map((expected, i) => {
    const layer = got?.[i]
    if (!layer) return Infinity
    const row = (name: string) => {
      const wanted = expected[name]
      const most = wanted.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1)
      return ratioOf(layer[name] ?? [], wanted, atol[name] * most)
    }
    const shift = Math.max(row('x_att'), row('x_ffn'))
    if (expected.s) return Math.max(shift, row('s'))
    const [aa, bb, pp] = [numbers(layer.aa), numbers(layer.bb), numbers(layer.pp)]
    return Math.max(
      shift,
      ratioOf(
        aa.map((a, c) => a / bb[c]),
        expected.mean,
        atol.aa,
      ),
      ratioOf(
        bb.map((b, c) => Math.log(b) + pp[c]),
        expected.logden,
        atol.pp,
      ),
    )
  })
  return Math.max(...ratios)
}

/** Of all logits those that the set gives. */
const pick = (logits: readonly number[], { logit_ids }: Cases) =>
  logit_ids && logits.length > logit_ids.length ? logit_ids.map((id) => logits[id]) : logits

function ratioOf(actual: Numbers, expected: readonly number[], atol: number): number {
  return actual.length < expected.length ? Infinity : worst(numbers(actual), expected, { atol }).ratio
}

function verdict(name: string, checks: readonly (readonly [label: string, ratio: number])[]): Verdict {
  return {
    name,
    ratio: Math.max(0, ...checks.map(([, ratio]) => ratio)),
    misses: checks
      .filter(([, ratio]) => !(ratio <= 1))
      .map(([label, ratio]) => `${label}: ${ratio.toFixed(2)} × the limit`),
  }
}
