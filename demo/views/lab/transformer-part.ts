/**
 * @file The part of the cost card that compares with a transformer: which one, on what, and its run, which begins only when
 * someone asks for it.
 */

import type { App } from '../../app.ts'
import { button, element } from '../../panels/dom.ts'
import { formatBytes, formatCount, formatShort, tell } from '../../text.ts'
import { createDetails } from '../parts/facts.ts'
import { createRun, type RunOptions } from '../parts/work.ts'
import { COST_PROMPT, createCostLog } from './cost-log.ts'
import type { CostResults } from './cost-results.ts'
import { text as all } from './text.ts'
import { CACHE_NAME, type Device, FORMATS, type Format, type TransformerRun } from './transformer-protocol.ts'
import { runTransformer } from './transformer-run.ts'

const text = all.cost.other
const DEFAULT_MODEL = 'HuggingFaceTB/SmolLM2-135M-Instruct'

/** What the part needs of the card around it. */
export interface TransformerPartOptions {
  readonly chat: App['chat']
  readonly results: CostResults
  readonly points: number
  readonly showEveryMs: number
  /** Tokens to write. */
  readonly tokens: () => number
  /** Nothing else may run meanwhile. */
  readonly alone: (run: RunOptions['run']) => RunOptions['run']
}

/** The part, and its button. */
export function createTransformerPart({ chat, results, points, showEveryMs, tokens, alone }: TransformerPartOptions) {
  const model = element('input', { value: DEFAULT_MODEL, spellcheck: 'false', autocomplete: 'off' })
  const options = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).map(([value, name]) => element('option', { value }, name))
  const device = element('select', {}, ...options(text.devices))
  const format = element('select', {}, ...options(Object.fromEntries(FORMATS.map((name) => [name, name]))))

  let isChosen = false
  const suggest = () => {
    const adapter = chat.info?.adapter
    if (!isChosen) device.value = adapter && !adapter.isFallback ? 'webgpu' : 'wasm'
    format.value = device.value === 'wasm' ? 'q8' : adapter?.features.includes('shader-f16') ? 'q4f16' : 'q4'
  }
  suggest()
  chat.addEventListener('statechange', () => void (isChosen || suggest()))
  format.addEventListener('change', () => {
    isChosen = true
  })
  device.addEventListener('change', () => {
    isChosen = true
    suggest()
  })

  const forget = button(
    text.forget,
    async () => {
      await caches.delete(CACHE_NAME)
      await showKept()
    },
    { class: 'small', hidden: true },
  )
  const showKept = async () => {
    forget.hidden = !(await globalThis.caches?.has(CACHE_NAME).catch(() => false))
  }
  void showKept()

  const { start, work, failed } = createRun({
    label: text.run,
    cancelLabel: all.cancel,
    describe: (error) => text.failed(model.value, tell(error)),
    run: alone(async (signal, show) => {
      const name = model.value.trim()
      const request = { model: name, device: device.value as Device, format: format.value as Format }
      let writtenAt = 0
      const log = createCostLog({ tokens: tokens(), points, now: () => writtenAt })
      const cacheByteLengths: number[] = []
      const showAll = () =>
        results.showCache({
          points: log.points(),
          cacheByteLengthAt: (written) => cacheByteLengths[written - 1] ?? 0,
        })
      let run: TransformerRun | undefined
      let shownAt = 0
      results.showEnds('cache', [])
      show({ done: 0, total: 0, words: text.starting })
      try {
        await runTransformer(
          { ...request, prompt: COST_PROMPT, tokens: tokens() },
          {
            signal,
            onProgress(done, total) {
              const isHere = done >= total
              const words = isHere ? text.preparing : text.fetching(formatBytes(done), formatBytes(total))
              show({ done, total: isHere ? 0 : total, words })
            },
            onStart(found) {
              run = found
            },
            onToken(at, byteLength) {
              writtenAt = at
              log.add()
              cacheByteLengths.push(byteLength)
              if (performance.now() - shownAt < showEveryMs || !run) return
              shownAt = performance.now()
              const [done, total, ms] = [formatCount(log.tokens), formatCount(run.tokens), formatShort(log.latestMs)]
              show({ done: log.tokens, total: run.tokens, words: all.cost.step(done, total, ms) })
              showAll()
            },
          },
        )
      } finally {
        showAll()
        void showKept()
      }
      const [first, last] = log.ends()
      results.showEnds(
        'cache',
        [
          [all.cost.early, formatShort(first)],
          [all.cost.late, formatShort(last)],
          [text.kept, formatBytes(cacheByteLengths.at(-1) ?? 0)],
        ],
        run && aboutRun(`${name}, ${format.value}, ${text.devices[request.device]}`, run, tokens()),
      )
    }),
  })

  return {
    start,
    element: createDetails(
      text.title,
      element('p', { class: 'quiet' }, text.about),
      element(
        'div',
        { class: 'row' },
        element('label', { class: 'field wide' }, text.model, model),
        element('label', { class: 'field' }, text.device, device),
        element('label', { class: 'field' }, text.format, format),
        start,
      ),
      element('p', { class: 'quiet' }, text.sizes),
      work.element,
      failed,
      forget,
    ),
  }
}

function aboutRun(name: string, { tokens, promptTokens, context }: TransformerRun, wanted: number): string {
  const summary = text.ran(name, formatCount(tokens), formatCount(promptTokens))
  if (context === undefined) return summary
  return `${summary} ${tokens < wanted ? text.full(formatCount(context)) : text.context(formatCount(context))}`
}
