/** @file The card that times every token of a long reply, and counts memory beside what a KV cache would take. */

import { describeError } from '../../../src/element/events.ts'
import { formatBytes } from '../../../src/element/text.ts'
import type { App } from '../../app.ts'
import { element } from '../../panels/dom.ts'
import { createChart } from '../parts/chart.ts'
import { createDetails, createTable, factRows } from '../parts/facts.ts'
import { createRun } from '../parts/work.ts'
import { type CostPoint, createCostLog, kvCacheByteLength } from './cost-log.ts'
import { text as all, formatCount, formatShort } from './text.ts'

const text = all.cost
const LENGTHS = [200, 1000, 5000, 20_000]
const POINTS = 40
const SHOW_EVERY_MS = 250
const TABLE_ROWS = 10

/** The card. */
export function createCostCard({ chat }: App): HTMLElement {
  const length = element(
    'select',
    {},
    ...LENGTHS.map((tokens) => element('option', { value: String(tokens) }, formatCount(tokens))),
  )
  const time = createChart(text.timeLabel)
  const memory = createChart(text.memoryLabel)
  const stats = element('dl', { class: 'stats' })
  const numbers = element('div', {})
  const results = element(
    'div',
    { class: 'results', hidden: true },
    stats,
    element('div', { class: 'pair' }, time.element, memory.element),
    createDetails(all.inNumbers, numbers),
  )

  const { start, work, failed } = createRun({
    label: text.run,
    cancelLabel: all.cancel,
    describe: (error) => describeError(error).message,
    async run(signal, show) {
      const { model } = chat
      if (!model) throw new Error(all.noModel)
      const wanted = Number(length.value)
      const { config, stateByteLength } = model.info
      const log = createCostLog({ tokens: wanted, points: POINTS, now: () => performance.now() })
      const session = await model.createSession({ shared: false })
      let shownAt = 0
      const showAll = () => {
        shownAt = performance.now()
        showPoints(log.points(), { stateByteLength, config })
      }
      let early: ReturnType<typeof model.counters> | undefined // with the prompt and its marks behind it
      let grown = 0
      try {
        const onToken = () => {
          log.add()
          early ??= model.counters()
          if (performance.now() - shownAt < SHOW_EVERY_MS) return
          show({
            done: log.tokens,
            total: wanted,
            words: text.step(formatCount(log.tokens), formatCount(wanted), formatShort(log.latestMs)),
          })
          showAll()
        }
        // A story may end before there are enough tokens: then another one is asked for, in the same conversation.
        while (log.tokens < wanted && !signal.aborted) {
          log.pause()
          await session.prompt(text.prompt, { signal, sampling: { maxTokens: wanted - log.tokens }, onToken }).summary
        }
        signal.throwIfAborted()
        const late = await model.counters()
        grown = late.gpuByteLength - ((await early) ?? late).gpuByteLength
      } finally {
        await session.dispose()
        showAll()
      }
      const [first, last] = log.ends()
      stats.replaceChildren(
        ...factRows([
          [text.early, formatShort(first)],
          [text.late, formatShort(last)],
          [text.grown, formatCount(Math.max(0, grown))],
        ]),
      )
    },
  })

  function showPoints(
    points: readonly CostPoint[],
    { stateByteLength, config }: Pick<CostModel, 'stateByteLength' | 'config'>,
  ): void {
    if (points.length === 0) return
    results.hidden = false
    const at = points.map(({ tokens }) => tokens)
    const cacheOf = (tokens: number) => kvCacheByteLength(config, tokens)
    time.show({
      x: { label: text.tokens },
      y: { label: text.ms, fromZero: true },
      at,
      lines: [{ name: text.ms, values: points.map(({ ms }) => ms) }],
    })
    memory.show({
      x: { label: text.tokens },
      y: { label: text.kilobytes, fromZero: true },
      at,
      lines: [
        { name: text.state, values: at.map(() => stateByteLength / 1000) },
        { name: text.cache, values: at.map((tokens) => cacheOf(tokens) / 1000) },
      ],
    })
    const step = Math.max(1, Math.ceil(points.length / TABLE_ROWS))
    numbers.replaceChildren(
      createTable({
        caption: text.table,
        head: [text.tokens, text.ms, text.state, text.cache],
        rows: points
          .filter((_, i) => (points.length - 1 - i) % step === 0)
          .map(({ tokens, ms }) => [
            formatCount(tokens),
            formatShort(ms),
            formatBytes(stateByteLength),
            formatBytes(cacheOf(tokens)),
          ]),
      }),
    )
  }

  return element(
    'section',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'quiet' }, text.about),
    element('div', { class: 'row' }, element('label', { class: 'field' }, text.length, length), start),
    work.element,
    failed,
    results,
  )
}

type CostModel = NonNullable<App['chat']['info']>
