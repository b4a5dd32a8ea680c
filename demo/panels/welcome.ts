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

/** Things to begin with, which are sent to the model: in English, whatever the page speaks. */
const SUGGESTIONS = {
  storyteller: [
    'Tell me a story about a cat.',
    'Tell me a story about a brave little boat.',
    'What is the capital of France?',
    'Hello! Who are you?',
  ],
  chats: ['Why is the sky blue?', 'Write a short poem about the sea.', 'Tell me a story about a cat.'],
  continues: ['Once upon a time', 'The sky is blue because', 'My favourite recipe begins with'],
} as const

type Kind = keyof typeof SUGGESTIONS

const BUILT_IN = 'storyteller'

/** The empty state. */
export function createWelcome({ isBuiltIn, onSuggestion }: WelcomeOptions): Welcome {
  const { title, about, privacy, suggestionsLabel } = text.welcome
  const introduction = element('p', {})
  const chips = element('ul', { class: 'chips', lang: 'en', 'aria-label': suggestionsLabel })
  const chip = (message: string) =>
    element(
      'li',
      {},
      button(message, () => onSuggestion(message), { class: 'chip' }),
    )
  function showKind(kind: Kind | undefined, words: string): void {
    introduction.textContent = words
    introduction.hidden = words === ''
    chips.replaceChildren(...(kind ? SUGGESTIONS[kind].map(chip) : []))
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
