/** @file Notices: something to know, perhaps with something to do about it. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** What went wrong, in a sentence, and a way on. */
export function faultNotice(title: string, message: string, action?: { label: string; run: () => void }): HTMLElement {
  return element(
    'section',
    { class: 'notice fault', role: 'alert' },
    element('h2', {}, title),
    element('p', {}, message),
    action ? button(action.label, action.run) : null,
  )
}

/** The adapter is software: everything works, slowly. */
export function softwareNotice(): HTMLElement {
  return element('p', { class: 'notice software' }, text.software)
}

/** In place of a chat that could not work: what to do, by browser. */
export function unsupportedPage(reason: string, retry: () => void): HTMLElement {
  const help = text.unsupportedHelp.flatMap(([browser, advice]) => [
    element('dt', {}, browser),
    element('dd', {}, advice),
  ])
  return element(
    'section',
    { class: 'unsupported', role: 'alert' },
    element('h2', {}, text.unsupported),
    element('p', {}, text.unsupportedMore),
    element('dl', {}, ...help),
    element('p', { class: 'quiet' }, reason),
    button(text.tryAgain, retry),
  )
}
