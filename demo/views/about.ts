/** @file What this page is, what it runs on, and what leaves the machine. */

import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { formatAdapter, formatModel, formatState, text } from '../text.ts'

/** The view `#about`. */
export function createAboutView({ chat }: App): View {
  const { title, what, leaves, runsOn, noModel } = text.about
  const facts = element('ul', {})
  const show = () => {
    const { info } = chat
    const lines = info ? [formatAdapter(info.adapter), formatModel(info), formatState(info)] : [noModel]
    facts.replaceChildren(...lines.map((line) => element('li', {}, line)))
  }
  chat.addEventListener('statechange', show)
  show()
  return {
    element: element(
      'section',
      { class: 'view', 'aria-label': title },
      element('h2', {}, title),
      element('p', {}, what),
      element('p', {}, leaves),
      element('h3', {}, runsOn),
      facts,
    ),
  }
}
