/** @file Sentences the page has for its reader, each to be put away or acted upon. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** Something that can be done about it. */
export interface Action {
  readonly label: string
  readonly run: () => void
}

/** A list of notices. */
export interface Notices {
  readonly element: HTMLElement
  /** Nothing stands there twice. Returns what takes it back. */
  show(sentence: string, action?: Action): () => void
}

/** An empty list, named for screen readers. */
export function createNotices(label: string): Notices {
  const list = element('section', { class: 'notices', 'aria-label': label })
  const told = new Map<string, () => void>() // what takes them back
  return {
    element: list,
    show(sentence, action) {
      const before = told.get(sentence)
      if (before) return before
      const notice = element('div', { class: 'notice', role: 'status' }, element('p', {}, sentence))
      const takeBack = () => {
        told.delete(sentence)
        notice.remove()
      }
      told.set(sentence, takeBack)
      if (action) notice.append(button(action.label, action.run, { class: 'primary' }))
      notice.append(button('×', takeBack, { class: 'dismiss', 'aria-label': text.dismiss }))
      list.append(notice)
      return takeBack
    },
  }
}
