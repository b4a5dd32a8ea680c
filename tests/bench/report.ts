/** @file What a run of the benchmark came to: the JSON that it writes, and the table that it prints. */

import type { AdapterDescription } from '../../src/core/protocol.ts'
import type { TokenCounters } from './ours.ts'
import { ratiosOf } from './ratios.ts'
import type { Contestant } from './rounds.ts'
import type { Figure, Found } from './run-plan.ts'
import { type Summary, summarize } from './statistics.ts'

/** What the run was. */
export interface Circumstances {
  readonly shape: string
  readonly rounds: number
  /** Of the browser and of the peers. */
  readonly versions: Readonly<Record<string, string>>
  /** Mean number of threads that wanted a core in the last minute, before and after. */
  readonly load: readonly [before: number, after: number]
  readonly commit: string
  /** Worker start to first token, with the built-in model kept on this device. */
  readonly tinyReadyMs?: Summary | undefined
}

/** Of one contestant, milliseconds a unit. */
export interface Result {
  readonly unit: Contestant['unit']
  readonly wallMs: Summary
  readonly cpuMs: Summary
  /** Relative error of its logits, of those that have some. */
  readonly error?: number
}

/** The JSON. */
export interface Report extends Omit<Circumstances, 'tinyReadyMs'> {
  readonly adapter: AdapterDescription
  /** A token. */
  readonly counters: TokenCounters
  readonly contestants: Readonly<Record<string, Result>>
  readonly ratios: Readonly<Record<string, Summary | Figure>>
}

/** Summaries of what was found. */
export function reportOf(found: Found, { tinyReadyMs, ...circumstances }: Circumstances): Report {
  const contestants = Object.entries(found.costs).map(([name, costs]): [string, Result] => {
    const error = found.errors[name]
    return [
      name,
      {
        unit: found.units[name] ?? 'token',
        wallMs: summarize(costs.map(({ wallMs }) => wallMs)),
        cpuMs: summarize(costs.map(({ cpuMs }) => cpuMs)),
        ...(error !== undefined && { error }),
      },
    ]
  })
  return {
    adapter: found.adapter,
    ...circumstances,
    counters: found.counters,
    contestants: Object.fromEntries(contestants),
    ratios: { ...ratiosOf(found.costs, found.token), ...found.figures, ...(tinyReadyMs && { tinyReadyMs }) },
  }
}

/** For people: contestants, then ratios, then counters. */
export function tableOf({ adapter, shape, rounds, load, contestants, ratios, counters }: Report): string {
  const names = `${adapter.vendor} ${adapter.architecture} ${adapter.description}`.trim()
  return [
    `${shape} on ${names}, ${rounds} rounds, load ${load.map((value) => value.toFixed(1)).join(' to ')}`,
    '',
    row(['', 'CPU ms', 'min', 'max', 'wall ms', 'a']),
    ...Object.entries(contestants).map(([name, { unit, wallMs, cpuMs }]) =>
      row([name, ...numbers(cpuMs), short(wallMs.median), unit]),
    ),
    '',
    row(['ratio', 'median', 'min', 'max']),
    ...Object.entries(ratios).map(([name, value]) => row([name, ...cellsOf(value)])),
    '',
    `a token: ${Object.entries(counters)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  ].join('\n')
}

const numbers = ({ median, min, max }: Summary) => [median, min, max].map(short)

function cellsOf(value: Summary | Figure): string[] {
  if (typeof value === 'number') return [short(value)]
  return 'median' in value ? numbers(value) : [`GPU ${value.gpu}`, `JS ${value.js}`]
}

/** Three digits that count. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(22)}${cells.map((cell) => cell.padStart(9)).join(' ')}`
}
