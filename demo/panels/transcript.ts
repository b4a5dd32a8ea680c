/** @file The message list. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'
import { createReplyView, type ReplyView } from './reply-view.ts'
import { keepScroll } from './scroll-keeper.ts'

/** The conversation as shown. */
export interface Transcript {
  readonly element: HTMLElement
  readonly isEmpty: boolean
  addMessage(message: string): void
  /** A reply by the model called `name`. */
  addReply(name: string): ReplyView
  /** A line between messages. */
  addDivider(sentence: string): void
  /** While a reply grows, screen readers wait for the whole of it. */
  setBusy(busy: boolean): void
}

/** An empty message list, with `welcome` in its place until the first message. */
export function createTranscript(welcome: HTMLElement): Transcript {
  const log = element('div', { class: 'log', role: 'log', 'aria-label': text.conversation })
  const toLatest = button('↓', () => scroll.toEnd(), { class: 'latest', 'aria-label': text.toLatest, hidden: true })
  const scroll = keepScroll(log, (away) => {
    toLatest.hidden = !away
  })
  const add = (child: HTMLElement) => {
    welcome.hidden = true
    log.tabIndex = 0 // something to scroll by keyboard
    log.append(child)
  }

  return {
    element: element('main', { class: 'stage' }, log, welcome, toLatest),
    get isEmpty() {
      return log.childElementCount === 0
    },
    addMessage(message) {
      const body = element('p', { class: 'text' }, message)
      add(element('article', { class: 'message user', 'data-role': 'user', 'aria-label': text.you }, body))
      scroll.toEnd()
    },
    addReply(name) {
      const view = createReplyView(name, scroll.grown)
      add(view.element)
      scroll.toEnd()
      return view
    },
    addDivider(sentence) {
      add(element('p', { class: 'divider' }, element('span', {}, sentence)))
      scroll.grown()
    },
    setBusy(busy) {
      log.setAttribute('aria-busy', String(busy))
    },
  }
}
