/** @file The status line: what the model runs on, what it is, and how much it remembers in. */

import type { ModelInfo } from '../../src/index.ts'
import { formatAdapter, formatModel, formatState, text } from '../text.ts'
import { element } from './dom.ts'

/** The status line. */
export interface Status {
  readonly element: HTMLElement
  /** undefined: no model is loaded. */
  show(info: ModelInfo | undefined): void
  /** One more thing, from now on. */
  add(name: string, value: string): void
}

/** A status line without a model. */
export function createStatus(): Status {
  const line = element('p', {})
  const more = element('p', { role: 'status' })
  const item = (name: string, value: string, attributes = {}) =>
    element('span', { 'data-item': name, ...attributes }, value)
  const show = (info: ModelInfo | undefined) => {
    if (!info) return line.replaceChildren(text.noStatus)
    line.replaceChildren(
      item('adapter', formatAdapter(info.adapter)),
      item('model', formatModel(info)),
      item('state', formatState(info), { 'data-bytes': String(info.stateByteLength) }),
    )
  }
  show(undefined)
  return {
    element: element('footer', { class: 'status', 'aria-label': text.status }, line, more),
    show,
    add: (name, value) => more.append(item(name, value)),
  }
}
