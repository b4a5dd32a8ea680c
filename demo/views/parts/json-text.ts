/** @file A value as JSON, to be taken along: a button that copies it, and its text to unfold. */

import { button, element } from '../../panels/dom.ts'
import { text } from '../../text.ts'
import { createDetails } from './facts.ts'

/** A value as JSON. */
export interface JsonText {
  readonly element: HTMLElement
  /** The same thing, as it is now: what was said of copying it stands. */
  show(value: unknown): void
  /** Another thing will be shown. */
  clear(): void
}

/** Its words. */
export interface JsonWords {
  /** What the text is called for screen readers. */
  readonly label: string
  readonly copy: string
  readonly unfold: string
}

/** Nothing is shown yet. */
export function createJsonText({ label, copy, unfold }: JsonWords): JsonText {
  const json = element('pre', { tabindex: '0', 'aria-label': label })
  const said = element('p', { class: 'quiet', role: 'status' })
  const all = createDetails(unfold, json)

  async function take(): Promise<void> {
    try {
      await navigator.clipboard.writeText(json.textContent ?? '')
      said.textContent = text.copied
    } catch {
      said.textContent = text.notCopied
      all.open = true
    }
  }
  return {
    element: element(
      'div',
      { class: 'json' },
      element(
        'div',
        { class: 'row' },
        button(copy, () => void take()),
        said,
      ),
      all,
    ),
    show(value) {
      json.textContent = JSON.stringify(value, null, 2)
    },
    clear() {
      json.textContent = ''
      said.textContent = ''
    },
  }
}
