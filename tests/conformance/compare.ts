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

/** Judge everything that was handed in. */
export function compare(set: ConformanceSet, results: Results): Verdict[] {
  return [
    ...Object.entries(results.models).map(([name, model]) => compareModel(name, set.cases[name], model)),
    ...Object.entries(results.containers).map(([name, got]) => {
      const { cases, probe } = set.containers[name]
      if (typeof got === 'string') return { name, ratio: Infinity, misses: [`did not load: ${got}`] }
      const { logits, atol } = set.cases[cases].cases[probe]
      return verdict(name, [['logits', ratioOf(got, pick(logits, set.cases[cases]), atol)]])
    }),
    ...Object.entries(results.bad).map(([name, message]) => ({
      name,
      ratio: message === null ? Infinity : 0,
      misses: message === null ? ['loaded; expected a refusal'] : [],
    })),
  ]
}

function compareModel(name: string, cases: Cases, got: ModelResults): Verdict {
  const checks: [string, number][] = []
  for (const [label, logits] of Object.entries(got.logits)) {
    const expected = cases.cases[label.slice(0, label.indexOf('@'))]
    checks.push([label, ratioOf(logits, pick(expected.logits, cases), expected.atol)])
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
  return verdict(name, checks)
}

/** Shift rows by atol·max(1, max|row|); aa, bb, pp by aa/bb and log(bb)+pp, since they are one of many spellings. */
export function stateRatio({ layers, atol }: NonNullable<Cases['state']>, got: ModelResults['state']): number {
  const ratios = layers.map((expected, i) => {
    const layer = got?.[i]
    if (!layer) return Infinity
    const row = (actual: Numbers, wanted: readonly number[], limit: number) =>
      ratioOf(actual, wanted, limit * Math.max(1, ...wanted.map(Math.abs)))
    const [aa, bb, pp] = [numbers(layer.aa), numbers(layer.bb), numbers(layer.pp)]
    return Math.max(
      row(layer.x_att, expected.x_att, atol.x_att),
      row(layer.x_ffn, expected.x_ffn, atol.x_ffn),
      row(
        aa.map((a, c) => a / bb[c]),
        expected.mean,
        atol.aa,
      ),
      row(
        bb.map((b, c) => Math.log(b) + pp[c]),
        expected.logden,
        atol.pp,
      ),
    )
  })
  return Math.max(...ratios)
}

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
