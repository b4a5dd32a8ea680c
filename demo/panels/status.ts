/** @file The model in the chat: its name, and behind it what it is, runs on and remembers in, and ways to others. */

import type { ModelInfo } from '../../src/index.ts'
import { formatAdapter, formatModel, formatState, text } from '../text.ts'
import { element } from './dom.ts'
import { createIcon, icons } from './icons.ts'

/** The name, and what unfolds from it. */
export interface Status {
  readonly element: HTMLElement
  /** undefined: no model is loaded. */
  show(info: ModelInfo | undefined): void
  /** One more thing, from now on. */
  add(sentence: string): void
}

const ID = 'model-facts'

/** A status without a model. */
export function createStatus(): Status {
  const name = element('span', {})
  const opener = element('button', { type: 'button', popovertarget: ID, 'aria-label': text.modelName })
  opener.append(name, createIcon(icons.unfold))
  const lines = element('div', { class: 'lines' })
  const more = element('div', { role: 'status' })
  const line = (sentence: string) => element('p', {}, sentence)
  const link = (view: 'models' | 'about', label: string) => {
    const made = element('a', { href: `#${view}` }, label)
    made.addEventListener('click', () => facts.hidePopover())
    return made
  }
  const facts = element(
    'div',
    { popover: true, id: ID },
    lines,
    more,
    element('div', { class: 'ways' }, link('models', text.otherModels), link('about', text.aboutThis)),
  )
  const show = (info: ModelInfo | undefined) => {
    name.textContent = info?.name ?? text.noStatus
    opener.setAttribute('aria-label', text.modelInUse(name.textContent))
    const isSlow = info?.adapter.isFallback
    lines.replaceChildren(
      ...(info ? [formatModel(info), formatAdapter(info.adapter), formatState(info)].map(line) : []),
      ...(isSlow ? [line(text.software)] : []),
    )
  }
  show(undefined)
  return {
    element: element('div', { class: 'status', role: 'group', 'aria-label': text.status }, opener, facts),
    show,
    add: (sentence) => more.append(line(sentence)),
  }
}
