/** @file The card that times every token of a long reply, and counts memory beside what a KV cache would take. */

import type { App } from '../../app.ts'
import { element } from '../../panels/dom.ts'
import { formatCount, formatShort, tell } from '../../text.ts'
import { sayNoModel } from '../parts/no-model.ts'
import { alone, createRun } from '../parts/work.ts'
import { COST_PROMPT, createCostLog } from './cost-log.ts'
import { createCostResults } from './cost-results.ts'
import { text as all } from './text.ts'
import { createTransformerPart } from './transformer-part.ts'

const text = all.cost
const LENGTHS = [200, 1000, 5000, 20_000]
const POINTS = 40
const SHOW_EVERY_MS = 250

/** The card. */
export function createCostCard({ chat }: App): HTMLElement {
  const length = element(
    'select',
    {},
    ...LENGTHS.map((tokens) => element('option', { value: String(tokens) }, formatCount(tokens))),
  )
  const results = createCostResults()

  const { start, work, failed } = createRun({
    label: text.run,
    cancelLabel: all.cancel,
    describe: (error) => tell(error),
    run: alone(
      () => transformer.start,
      async (signal, show) => {
        const { model } = chat
        if (!model) throw new Error(sayNoModel(chat.state))
        const wanted = Number(length.value)
        const log = createCostLog({ tokens: wanted, points: POINTS, now: () => performance.now() })
        const session = await model.createSession({ shared: false })
        let shownAt = 0
        const showAll = () => {
          shownAt = performance.now()
          results.showState({ points: log.points(), info: model.info })
        }
        // While one reply is written: what it is asked with leaves marks, which are states too.
        let counts: ReturnType<typeof model.counters>[] = []
        let grown = 0
        try {
          const onToken = () => {
            log.add()
            if (counts.length === 0) counts.push(model.counters())
            if (performance.now() - shownAt < SHOW_EVERY_MS) return
            counts.push(model.counters())
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
            counts = []
            await session.prompt(COST_PROMPT, { signal, sampling: { maxTokens: wanted - log.tokens }, onToken }).summary
            const bytes = (await Promise.all(counts)).map(({ gpuByteLength }) => gpuByteLength)
            grown = Math.max(grown, (bytes.at(-1) ?? 0) - (bytes[0] ?? 0))
          }
          signal.throwIfAborted()
        } finally {
          await session.dispose()
          showAll()
        }
        const [first, last] = log.ends()
        results.showEnds(
          'state',
          [
            [text.early, formatShort(first)],
            [text.late, formatShort(last)],
            [text.grown, formatCount(grown)],
          ],
          text.ran(model.info.name, formatCount(log.tokens)),
        )
      },
    ),
  })
  const transformer = createTransformerPart({
    chat,
    results,
    points: POINTS,
    showEveryMs: SHOW_EVERY_MS,
    tokens: () => Number(length.value),
    alone: (run) => alone(() => start, run),
  })

  return element(
    'section',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'quiet' }, text.about),
    element('div', { class: 'row' }, element('label', { class: 'field' }, text.length, length), start),
    work.element,
    failed,
    transformer.element,
    results.element,
  )
}
