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
  /** Nothing stands there twice. Returns what takes it back. `more`: what can be done, as a button or in its own shape. */
  show(sentence: string, more?: Action | HTMLElement): () => void
}

/** An empty list, named for screen readers. */
export function createNotices(label: string): Notices {
  const list = element('section', { class: 'notices', 'aria-label': label })
  const shown = new Map<string, () => void>() // what takes them back
  return {
    element: list,
    show(sentence, more) {
      const before = shown.get(sentence)
      if (before) return before
      const notice = element('div', { class: 'notice', role: 'status' }, element('p', {}, sentence))
      const takeBack = () => {
        shown.delete(sentence)
        notice.remove()
      }
      shown.set(sentence, takeBack)
      if (more) notice.append('run' in more ? button(more.label, more.run, { class: 'primary' }) : more)
      notice.append(button('×', takeBack, { class: 'dismiss', 'aria-label': text.dismiss }))
      list.append(notice)
      return takeBack
    },
  }
}
