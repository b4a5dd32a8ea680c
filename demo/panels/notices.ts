/** @file Sentences the page has for its reader: faults with what to do about them, and notices to put away. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** Something that can be done about a fault; doing it takes the fault away. */
export interface Action {
  readonly label: string
  readonly run: () => void
}

/** A list of notices. */
export interface Notices {
  readonly element: HTMLElement
  /** Something to know. It can be put away, and is not said twice. */
  tell(sentence: string): void
  /** Something that failed. `code` is for tests and reports. */
  fault(fault: { title: string; sentence: string; code: string; actions: readonly Action[] }): void
  clear(): void
}

/** An empty list, named for screen readers. */
export function createNotices(label: string): Notices {
  const list = element('section', { class: 'notices', 'aria-label': label })
  const told = new Set<string>()
  return {
    element: list,
    tell(sentence) {
      if (told.has(sentence)) return
      told.add(sentence)
      const notice = element('div', { class: 'notice', role: 'status' }, element('p', {}, sentence))
      notice.append(button('×', () => notice.remove(), { class: 'dismiss', 'aria-label': text.dismiss }))
      list.append(notice)
    },
    fault({ title, sentence, code, actions }) {
      const buttons = actions.map(({ label, run }, place) =>
        button(
          label,
          () => {
            fault.remove()
            run()
          },
          { class: place === 0 ? 'primary' : 'secondary' },
        ),
      )
      const fault = element(
        'div',
        { class: 'notice fault', role: 'alert', 'data-code': code },
        element('p', {}, element('strong', {}, title), ` ${sentence}`),
        element('div', { class: 'actions' }, ...buttons),
      )
      list.replaceChildren(fault)
    },
    clear: () => list.replaceChildren(),
  }
}
