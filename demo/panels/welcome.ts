/** @file What stands in the empty conversation: what the model in the chat can do, and things to begin with. */

import type { ModelInfo } from '../../src/index.ts'
import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** The empty state. */
export interface Welcome {
  readonly element: HTMLElement
  /** Another model is in the chat; undefined while there is none, of which nothing is known. */
  show(info: Pick<ModelInfo, 'name' | 'promptFormat'> | undefined): void
}

/** What `createWelcome` needs. */
export interface WelcomeOptions {
  /** The page begins with the built-in model, which needs not be loaded to be introduced. */
  readonly isBuiltIn: boolean
  readonly onSuggestion: (message: string) => void
}

type Kind = keyof typeof text.welcome.suggestions

const BUILT_IN = 'storyteller'

/** The empty state. */
export function createWelcome({ isBuiltIn, onSuggestion }: WelcomeOptions): Welcome {
  const { title, about, privacy, suggestionsLabel, suggestions } = text.welcome
  const introduction = element('p', {})
  const chips = element('ul', { class: 'chips', 'aria-label': suggestionsLabel })
  const chip = (message: string) =>
    element(
      'li',
      {},
      button(message, () => onSuggestion(message), { class: 'chip' }),
    )
  function showKind(kind: Kind | undefined, words: string): void {
    introduction.textContent = words
    introduction.hidden = words === ''
    chips.replaceChildren(...(kind ? suggestions[kind].map(chip) : []))
  }
  const show: Welcome['show'] = (info) => {
    if (!info) return
    if (info.name === BUILT_IN) return showKind(BUILT_IN, about.storyteller)
    const kind = info.promptFormat.assistant === '' ? 'continues' : 'chats'
    showKind(kind, about[kind](info.name))
  }
  if (isBuiltIn) showKind(BUILT_IN, about.storyteller)
  else showKind(undefined, '')
  return {
    element: element(
      'section',
      { class: 'welcome', 'aria-labelledby': 'welcome-title' },
      element('img', { class: 'mark', src: './icon.svg', alt: '', width: '56', height: '56' }),
      element('h2', { id: 'welcome-title' }, title),
      introduction,
      element('p', {}, privacy),
      chips,
    ),
    show,
  }
}
