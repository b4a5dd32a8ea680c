/** @file A text coloured token by token: the less the model expected it, the stronger. One stop of the Tab key. */

import { element } from '../../panels/dom.ts'
import { formatCount, formatShort } from '../../text.ts'
import { createTable } from '../parts/facts.ts'
import { text as all, formatProbability } from './text.ts'

const text = all.evaluate
const MOST_NATS = 10 // and more has the full colour
const MOST_ROWS = 400

/** A token of the text. */
export interface JudgedToken {
  readonly text: string
  /** Nats, at most 0; undefined for the first, where nothing came before it. */
  readonly logprob: number | undefined
}

/** The coloured text, what is said of the token in question, and all of it as a table. */
export function createSurprise(tokens: readonly JudgedToken[]): {
  readonly reader: HTMLElement
  readonly table: HTMLElement
} {
  const said = element('p', { class: 'quiet', role: 'status' }, text.choose)
  const spans = tokens.map(({ text: words, logprob }) => {
    const span = element('span', {}, words)
    const share = Math.min(1, -(logprob ?? 0) / MOST_NATS)
    span.style.setProperty('--share', `${Math.round(share * 100)}%`)
    return span
  })
  const body = element('div', { class: 'surprise', tabindex: '0', role: 'group', 'aria-label': text.reader }, ...spans)
  let current = -1

  const choose = (index: number) => {
    const token = tokens[index]
    if (!token) return
    spans[current]?.classList.remove('current')
    current = index
    spans[current]?.classList.add('current')
    said.textContent = describe(token)
  }
  body.addEventListener('pointerover', ({ target }) => choose(spans.indexOf(target as HTMLSpanElement)))
  body.addEventListener('keydown', (event) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    choose(Math.max(0, Math.min(tokens.length - 1, current + step)))
    spans[current]?.scrollIntoView({ block: 'nearest' })
  })
  const shown = tokens.slice(0, MOST_ROWS)
  return {
    reader: element('div', {}, body, said),
    table: createTable({
      caption: text.table(formatCount(shown.length), formatCount(tokens.length)),
      head: [text.tokenHead, text.probability, text.surprise],
      rows: shown.map(({ text: words, logprob }) => [
        JSON.stringify(words).slice(1, -1),
        ...(logprob === undefined ? ['–', '–'] : [formatProbability(Math.exp(logprob)), formatShort(-logprob)]),
      ]),
    }),
  }
}

function describe({ text: words, logprob }: JudgedToken): string {
  return logprob === undefined
    ? text.first(words)
    : text.token(words, formatProbability(Math.exp(logprob)), formatShort(-logprob))
}
