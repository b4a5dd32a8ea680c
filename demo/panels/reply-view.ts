/** @file One reply in the transcript: its text as it comes, then what it cost or how it failed. */

import type { ReplySummary } from '../../src/index.ts'
import { formatCost, text } from '../text.ts'
import { element } from './dom.ts'

/** A reply being shown. */
export interface ReplyView {
  readonly element: HTMLElement
  /** Text is shown at once: what is on the screen is what has been said. */
  append(piece: string): void
  /** The reply has ended; without a summary it was stopped before it began. */
  finish(summary?: ReplySummary): void
  /** The reply broke off; what it said stays. */
  fail(sentence: string): void
}

/** A reply that has said nothing yet, by the model called `name`. `onGrow` hears of each change of its height. */
export function createReplyView(name: string, onGrow: () => void): ReplyView {
  const said = document.createTextNode('')
  const dots = element(
    'span',
    { class: 'dots', role: 'img', 'aria-label': text.waiting },
    element('i'),
    element('i'),
    element('i'),
  )
  const body = element('p', { class: 'text' }, dots)
  const view = element(
    'article',
    { class: 'message reply streaming', 'data-role': 'assistant', 'aria-label': name },
    element('p', { class: 'speaker', 'aria-hidden': 'true' }, name),
    body,
  )

  const end = (note: HTMLElement) => {
    dots.remove()
    view.classList.remove('streaming')
    view.append(note)
    onGrow()
  }

  return {
    element: view,
    append(piece) {
      const shown = said.data === '' ? piece.trimStart() : piece
      if (shown === '') return
      if (said.data === '') body.replaceChildren(said)
      said.appendData(shown)
      onGrow()
    },
    finish(summary) {
      if (said.data === '') {
        const stopped = !summary || summary.finishReason === 'abort'
        body.replaceChildren(element('em', {}, stopped ? text.stoppedEarly : text.nothingSaid))
      }
      end(costLine(summary))
    },
    fail(sentence) {
      if (said.data === '') body.remove()
      end(element('p', { class: 'failure' }, `${text.replyFailed} ${sentence}`))
    },
  }
}

/** For people a line of text, for tests and scripts the same numbers as attributes. */
function costLine(summary: ReplySummary | undefined): HTMLElement {
  if (!summary) return element('p', { class: 'cost', 'data-finish-reason': 'abort' })
  const { promptTokens, ids, tokensPerSecond, finishReason } = summary
  const attributes = {
    class: 'cost',
    'data-prompt-tokens': String(promptTokens),
    'data-tokens': String(ids.length),
    'data-tokens-per-second': tokensPerSecond.toFixed(2),
    'data-finish-reason': finishReason,
  }
  return element('p', attributes, formatCost(summary))
}
