/** @file The card that reads a document once and answers questions about it from copies of its state, together. */

import type { Model, Session } from '../../../src/index.ts'
import type { App } from '../../app.ts'
import { element } from '../../panels/dom.ts'
import { formatCount, formatShort, tell } from '../../text.ts'
import { factRows } from '../parts/facts.ts'
import { sayNoModel } from '../parts/no-model.ts'
import { createRun } from '../parts/work.ts'
import { text as all } from './text.ts'

const text = all.ask
const MOST_TOKENS = 48
const SAMPLE =
  'Lily has a red kite. Her brother Tom has a blue boat. On Sunday they went to the park with their dog Max. The wind took the kite into a tall tree, and Max barked at it. A man with a ladder helped them.'
const SAMPLE_QUESTIONS = 'Who has a kite?\nWhat is the name of the dog?\nWho helped them?'

/** A document that went through a model. */
interface ReadDocument {
  readonly model: Model
  readonly document: string
  readonly session: Session
  readonly tokens: number
}

/** The card. */
export function createAskCard({ chat }: App): HTMLElement {
  const document = element('textarea', { rows: '6' })
  const questions = element('textarea', { rows: '4', class: 'low' })
  document.value = SAMPLE
  questions.value = SAMPLE_QUESTIONS
  const stats = element('dl', { class: 'stats' })
  const answers = element('ul', { class: 'answers' })
  let read: ReadDocument | undefined

  /** The document in the model's state; what was read before is not read again. */
  async function readOnce(model: Model, signal: AbortSignal): Promise<ReadDocument & { readonly isNew: boolean }> {
    if (read && read.model === model && read.document === document.value) return { ...read, isNew: false }
    const old = read
    read = undefined
    await old?.session.dispose().catch(() => {}) // its model may be gone
    const session = await model.createSession({ shared: false })
    const words = `${document.value.trim()}\n\n`
    await session.append(words, { signal })
    const tokens = (await model.encode(words)).length
    read = { model, document: document.value, session, tokens }
    return { ...read, isNew: true }
  }

  const { start, work, failed } = createRun({
    label: text.run,
    cancelLabel: all.cancel,
    describe: (error) => tell(error),
    async run(signal, show) {
      const { model } = chat
      if (!model) throw new Error(sayNoModel(chat.state))
      const asked = questions.value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
      if (asked.length === 0) throw new Error(text.noQuestions)
      show({ done: 0, total: 0, words: text.reading })
      const { session, tokens, isNew } = await readOnce(model, signal)
      let fed = 0
      let done = 0
      const showProgress = () => {
        show({ done, total: asked.length, words: text.answering(formatCount(done), formatCount(asked.length)) })
        stats.replaceChildren(
          ...factRows([
            [isNew ? text.read : text.kept, formatCount(tokens)],
            [text.fed, formatCount(fed)],
            [text.instead, formatCount(fed + asked.length * tokens)],
          ]),
        )
      }
      showProgress()
      answers.replaceChildren()
      await Promise.all(
        asked.map(async (question) => {
          const words = element('p', {})
          const cost = element('p', { class: 'quiet' }, text.waiting)
          answers.append(element('li', {}, element('strong', {}, question), words, cost))
          const twin = await session.fork()
          try {
            const reply = twin.prompt(question, { signal, sampling: { maxTokens: MOST_TOKENS, temperature: 0 } })
            for await (const piece of reply) words.append(piece)
            const { promptTokens, promptMs } = await reply.summary
            cost.textContent = text.fedFor(formatCount(promptTokens), formatShort(promptMs))
            fed += promptTokens
            done++
            showProgress()
          } finally {
            await twin.dispose()
          }
        }),
      )
    },
  })

  return element(
    'section',
    { class: 'card' },
    element('h3', {}, text.title),
    element('p', { class: 'quiet' }, text.about),
    element('label', { class: 'field' }, text.document, document),
    element('label', { class: 'field' }, text.questions, questions),
    element('div', { class: 'row actions' }, start),
    work.element,
    failed,
    stats,
    answers,
  )
}
