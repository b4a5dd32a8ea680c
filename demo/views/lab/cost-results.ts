/** @file What the tokens of one or two models have cost: two charts, the numbers behind them, and the ends of each reply. */

import type { ModelInfo } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { formatBytes, formatCount, formatShort } from '../../text.ts'
import { createChart, type Line } from '../parts/chart.ts'
import { createDetails, createTable, type Fact, factRows } from '../parts/facts.ts'
import { type CostPoint, kvCacheByteLength } from './cost-log.ts'
import { text as all } from './text.ts'

const text = all.cost
const TABLE_ROWS = 10
const NOTHING = '–'

/** A reply of the model of this page, so far. */
export interface StateCost {
  readonly points: readonly CostPoint[]
  readonly info: Pick<ModelInfo, 'stateByteLength' | 'config'>
}

/** A reply of a transformer, so far. */
export interface CacheCost {
  readonly points: readonly CostPoint[]
  /** Bytes of its cache at a number of tokens that a point has. */
  readonly cacheByteLengthAt: (tokens: number) => number
}

/** Shows costs as they come. */
export interface CostResults {
  readonly element: HTMLElement
  showState(cost: StateCost): void
  showCache(cost: CacheCost): void
  /** Of a whole reply; `about` says whose. Without facts they go. */
  showEnds(of: 'state' | 'cache', facts: readonly Fact[], about?: string): void
}

/** What is known by a number of tokens. */
interface Column {
  readonly name: string
  readonly valueAt: (tokens: number) => number | undefined
  readonly format: (value: number) => string
}

/** Nothing yet, and hidden as long. */
export function createCostResults(): CostResults {
  const time = createChart(text.timeLabel)
  const memory = createChart(text.memoryLabel)
  const numbers = element('div', {})
  const ends = { state: createEnds(), cache: createEnds() }
  const root = element(
    'div',
    { class: 'results', hidden: true },
    ends.state.element,
    ends.cache.element,
    element('div', { class: 'pair' }, time.element, memory.element),
    createDetails(all.inNumbers, numbers),
  )
  let state: StateCost | undefined
  let cache: CacheCost | undefined

  function show(): void {
    const at = [...new Set([state, cache].flatMap((cost) => cost?.points.map(({ tokens }) => tokens) ?? []))]
    if (at.length === 0) return
    at.sort((a, b) => a - b)
    root.hidden = false
    const times = [...(state ? [timeOf(text.ms, state)] : []), ...(cache ? [timeOf(text.other.ms, cache)] : [])]
    const bytes = [...(state ? bytesOfState(state) : []), ...(cache ? [bytesOfCache(cache)] : [])]
    const lines = (columns: readonly Column[], scale: number): Line[] =>
      columns.map(({ name, valueAt }) => ({
        name,
        values: at.map((tokens) => {
          const value = valueAt(tokens)
          return value === undefined ? null : value / scale
        }),
      }))
    const x = { label: text.tokens }
    time.show({ x, y: { label: text.ms, fromZero: true }, at, lines: lines(times, 1) })
    memory.show({ x, y: { label: text.kilobytes, fromZero: true }, at, lines: lines(bytes, 1000) })

    const columns = [...times.slice(0, 1), ...bytes.slice(0, state ? 2 : 1), ...times.slice(1), ...bytes.slice(2)]
    const step = Math.max(1, Math.ceil(at.length / TABLE_ROWS))
    numbers.replaceChildren(
      createTable({
        caption: text.table,
        head: [text.tokens, ...columns.map(({ name }) => name)],
        rows: at
          .filter((_, i) => (at.length - 1 - i) % step === 0)
          .map((tokens) => [
            formatCount(tokens),
            ...columns.map(({ valueAt, format }) => {
              const value = valueAt(tokens)
              return value === undefined ? NOTHING : format(value)
            }),
          ]),
      }),
    )
  }

  return {
    element: root,
    showState(cost) {
      state = cost
      show()
    },
    showCache(cost) {
      cache = cost
      show()
    },
    showEnds: (of, facts, about = '') => ends[of].show(facts, about),
  }
}

function timeOf(name: string, { points }: { readonly points: readonly CostPoint[] }): Column {
  const known = new Map(points.map(({ tokens, ms }) => [tokens, ms]))
  return { name, valueAt: (tokens) => known.get(tokens), format: formatShort }
}

function bytesOfState({ info: { stateByteLength, config } }: StateCost): Column[] {
  return [
    { name: text.state, valueAt: () => stateByteLength, format: formatBytes },
    { name: text.cache, valueAt: (tokens) => kvCacheByteLength(config, tokens), format: formatBytes },
  ]
}

function bytesOfCache({ points, cacheByteLengthAt }: CacheCost): Column {
  const known = new Map(points.map(({ tokens }) => [tokens, cacheByteLengthAt(tokens)]))
  return { name: text.other.cache, valueAt: (tokens) => known.get(tokens), format: formatBytes }
}

/** Large numbers of a whole reply, below whose they are. */
function createEnds() {
  const whose = element('p', { class: 'quiet' })
  const stats = element('dl', { class: 'stats' })
  const root = element('div', { class: 'ends', hidden: true }, whose, stats)
  return {
    element: root,
    show(facts: readonly Fact[], about: string) {
      root.hidden = facts.length === 0
      whose.textContent = about
      stats.replaceChildren(...factRows(facts))
    },
  }
}
