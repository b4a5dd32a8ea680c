/** @file Keys of the whole page. They are listed in the help sheet, `panels/shortcut-sheet.ts`. */

import type { RwkvChatElement } from '../src/element/types.ts'

/** What keys can do. */
export interface Shortcuts {
  readonly help: () => void
  readonly search: () => void
  readonly startNew: () => void
  readonly next: () => void
  readonly previous: () => void
  readonly regenerate: () => void
  readonly editLast: () => void
  readonly write: () => void
}

/** Listen to the keys of the page. */
export function listenToShortcuts(shortcuts: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return
    const name = find(event)
    if (!name) return
    event.preventDefault()
    shortcuts[name]()
  })
}

function find(event: KeyboardEvent): keyof Shortcuts | undefined {
  const { key, code, altKey, shiftKey } = event
  const [target] = event.composedPath()
  const isCommand = event.ctrlKey || event.metaKey
  if (isCommand && !altKey && !shiftKey) {
    if (key === '/') return 'help'
    return key.toLowerCase() === 'k' ? 'search' : undefined
  }
  if (altKey && !isCommand && !shiftKey) {
    // By their places: with Alt some keyboards write other letters.
    const byCode = { KeyN: 'startNew', KeyR: 'regenerate', ArrowDown: 'next', ArrowUp: 'previous' } as const
    return byCode[code as keyof typeof byCode]
  }
  if (isCommand || altKey) return undefined
  if (isField(target)) return key === 'ArrowUp' && isEmptyMessage(event) ? 'editLast' : undefined
  if (key === '?') return 'help'
  return key === '/' ? 'write' : undefined
}

const isField = (target: EventTarget | undefined) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement

function isEmptyMessage({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.localName === 'rwkv-chat' && (target as RwkvChatElement).draft === ''
}
