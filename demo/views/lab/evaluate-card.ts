/** @file The card that evaluates: a text token by token, or the passages of LAMBADA. */

import type { Model } from '../../../src/index.ts'
import type { App } from '../../app.ts'
import { element } from '../../panels/dom.ts'
import { formatCount, formatShort, tell } from '../../text.ts'
import { createDetails, factRows } from '../parts/facts.ts'
import { sayNoModel } from '../parts/no-model.ts'
import { createRun } from '../parts/work.ts'
import { evaluateLambada, parseLambada } from './lambada.ts'
import { createSurprise, type JudgedToken } from './surprise.ts'
import { text as all, formatProbability } from './text.ts'

const text = all.evaluate
const SAMPLE =
  'Once upon a time there was a little cat. She lived in a house near the sea. One day she saw a submarine, and the king gave her forty-two telescopes.'

/** The card. */
export function createEvaluateCard({ chat }: App): HTMLElement {
  const input = element('textarea', { rows: '5' })
  input.value = SAMPLE
  const stats = element('dl', { class: 'stats' })
  const judged = element('div', { class: 'results', hidden: true })
  const common = { cancelLabel: all.cancel, describe: (error: unknown) => tell(error) }
  const loaded = (): Model => {
    const { model } = chat
    if (!model) throw new Error(sayNoModel(chat.state))
    return model
  }

  const evaluation = createRun({
    ...common,
    label: text.run,
    async run(signal, show) {
      const model = loaded()
      const ids = await model.encode(input.value)
      const { tokens, perplexity, nllPerToken, nllPerByte, logprobs } = await model.evaluate(input.value, {
        signal,
        logprobs: true,
        onProgress: (done, total) => show({ done, total, words: text.step(formatCount(done), formatCount(total)) }),
      })
      stats.replaceChildren(
        ...factRows([
          [text.perplexity, formatShort(perplexity)],
          [text.perToken, formatShort(nllPerToken)],
          ...(nllPerByte === undefined ? [] : [[text.perByte, formatShort(nllPerByte)] as const]),
          [text.tokens, formatCount(tokens)],
        ]),
      )
      const { reader, table } = createSurprise(await judge(model, ids, logprobs ?? new Float32Array()))
      judged.replaceChildren(stats, reader, createDetails(all.inNumbers, table))
      judged.hidden = false
    },
  })

  const file = element('input', { type: 'file', accept: '.jsonl,.json', id: 'lambada', class: 'visually-hidden' })
  const score = element('dl', { class: 'stats' })
  const passages = createRun({
    ...common,
    label: text.file,
    async run(signal, show) {
      const [chosen] = file.files ?? []
      if (!chosen) return
      const model = loaded()
      const list = parseLambada(await chosen.text())
      const total = formatCount(list.length)
      for await (const { done, right, perplexity } of evaluateLambada(model, list, signal)) {
        const accuracy = formatProbability(right / done)
        show({ done, total: list.length, words: text.passages(formatCount(done), total, accuracy) })
        score.replaceChildren(
          ...factRows([
            [text.accuracy, accuracy],
            [text.lastPerplexity, formatShort(perplexity)],
            [text.done, `${formatCount(done)} / ${total}`],
          ]),
        )
      }
    },
  })
  file.addEventListener('change', () => {
    void passages.begin().then(() => {
      file.value = ''
    })
  })

  return element(
    'section',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'quiet' }, text.about),
    element('label', { class: 'field' }, text.text, input),
    element('div', { class: 'row actions' }, evaluation.start),
    evaluation.work.element,
    evaluation.failed,
    judged,
    element('h4', {}, text.lambada),
    element('p', { class: 'quiet' }, text.lambadaAbout),
    element('div', { class: 'row actions' }, file, element('label', { for: 'lambada', class: 'button' }, text.file)),
    passages.work.element,
    passages.failed,
    score,
  )
}

/** Ids in words, each with its log probability; the last ones are told of, if not all are. */
async function judge(model: Model, ids: readonly number[], logprobs: Float32Array): Promise<JudgedToken[]> {
  const words = new Map<number, string>()
  for (const id of new Set(ids)) words.set(id, await model.decode([id]))
  const untold = ids.length - logprobs.length
  return ids.map((id, i) => ({ text: words.get(id) ?? '', logprob: i < untold ? undefined : logprobs[i - untold] }))
}
