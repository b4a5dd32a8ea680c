/** @file What stands in the empty conversation: what this is, and things to ask. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** What `createWelcome` needs. */
export interface WelcomeOptions {
  /** The built-in model is introduced; about any other we know nothing. */
  readonly isBuiltIn: boolean
  readonly onSuggestion: (message: string) => void
}

/** The empty state. */
export function createWelcome({ isBuiltIn, onSuggestion }: WelcomeOptions): HTMLElement {
  const { title, about, privacy, suggestionsLabel, suggestions } = text.welcome
  const chips = suggestions.map((message) =>
    element(
      'li',
      {},
      button(message, () => onSuggestion(message), { class: 'chip' }),
    ),
  )
  return element(
    'section',
    { class: 'welcome', 'aria-labelledby': 'welcome-title' },
    element('img', { class: 'mark', src: './icon.svg', alt: '', width: '56', height: '56' }),
    element('h2', { id: 'welcome-title' }, title),
    ...(isBuiltIn ? [element('p', {}, about)] : []),
    element('p', {}, privacy),
    element('ul', { class: 'chips', 'aria-label': suggestionsLabel }, ...chips),
  )
}
