/** @file What stands in place of the chat where there is no WebGPU: why, and what to do by browser. */

import { type BrowserAdvice, text } from '../text.ts'
import { element } from './dom.ts'

/** Why the model cannot run here. */
export interface UnsupportedOptions {
  readonly isSecure: boolean
}

/** The page without a chat. */
export function createUnsupported({ isSecure }: UnsupportedOptions): HTMLElement {
  const { title, insecure, missing, adviceLabel, secureContext, browsers } = text.unsupported
  const why = isSecure ? missing : insecure
  return element(
    'section',
    { class: 'unsupported' },
    element(
      'div',
      {},
      element('img', { class: 'mark', src: './icon.svg', alt: '', width: '56', height: '56' }),
      element('h2', {}, title),
      element('p', { class: 'why' }, why),
    ),
    element('h3', {}, adviceLabel),
    element('dl', {}, ...browsers.flatMap(advice)),
    element('p', {}, secureContext),
  )
}

function advice({ browser, advice, code = [] }: BrowserAdvice): HTMLElement[] {
  const lines = code.map((line) => element('code', {}, line))
  return [element('dt', {}, browser), element('dd', {}, advice, ...lines)]
}
