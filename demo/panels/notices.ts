/**
 * @file What the page has to say to its reader, in one place above everything else, so that no text moves: each to be put
 * away or acted upon.
 */

import { text } from '../text.ts'
import { button, element, iconButton } from './dom.ts'
import { icons } from './icons.ts'

/** Something that can be done about it. */
export interface Action {
  readonly label: string
  readonly run: () => void
}

/** How it is said. */
export interface Manner {
  /** Something has failed. */
  readonly isFault?: boolean
  /** It goes away by itself, unless the reader is at it. */
  readonly isBrief?: boolean
}

/** A list of notices. */
export interface Notices {
  readonly element: HTMLElement
  /** Nothing stands there twice. Returns what takes it back. `more`: what can be done, as a button or in its own shape. */
  show(sentence: string, more?: Action | HTMLElement, manner?: Manner): () => void
}

const BRIEF_MS = 8000

/** An empty list, named for screen readers. */
export function createNotices(label: string): Notices {
  const list = element('section', { class: 'notices', 'aria-label': label })
  const shown = new Map<string, () => void>() // what takes them back
  return {
    element: list,
    show(sentence, more, { isFault = false, isBrief = false } = {}) {
      const before = shown.get(sentence)
      if (before) return before
      const notice = element(
        'div',
        { class: 'notice', role: isFault ? 'alert' : 'status', 'data-fault': isFault },
        element('p', {}, sentence),
      )
      const takeBack = () => {
        shown.delete(sentence)
        notice.remove()
      }
      shown.set(sentence, takeBack)
      if (more) notice.append('run' in more ? button(more.label, more.run, { class: 'primary small' }) : more)
      notice.append(iconButton(text.dismiss, icons.close, takeBack, { class: 'tool dismiss' }))
      list.append(notice)
      if (isBrief) endLater(notice, takeBack)
      return takeBack
    },
  }
}

/** Once it has stood there for a while without the reader at it. */
function endLater(notice: HTMLElement, end: () => void): void {
  setTimeout(() => (notice.matches(':hover, :focus-within') ? endLater(notice, end) : end()), BRIEF_MS)
}
