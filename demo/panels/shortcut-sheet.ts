/** @file The help sheet of the keyboard. */

import { text } from '../text.ts'
import { openDialog } from './dialog.ts'
import { element } from './dom.ts'

type Key = keyof typeof text.keys | '↑' | '↓' | 'R' | 'N' | 'K' | '/'

/** In the order of the sheet. */
const KEYS: Readonly<Record<keyof typeof text.shortcuts, readonly Key[]>> = {
  send: ['Enter'],
  breakLine: ['Shift', 'Enter'],
  stop: ['Esc'],
  editLast: ['↑'],
  regenerate: ['Alt', 'R'],
  startNew: ['Alt', 'N'],
  next: ['Alt', '↓'],
  previous: ['Alt', '↑'],
  search: ['Ctrl', 'K'],
  write: ['/'],
  help: ['Ctrl', '/'],
}
const APPLE: Readonly<Record<string, string>> = { Alt: '⌥', Ctrl: '⌘', Shift: '⇧', Enter: '⏎' }

/** Show it. */
export function openShortcuts(): void {
  const isApple = /mac|iphone|ipad/i.test(navigator.userAgent)
  const words: Readonly<Record<string, string>> = isApple ? APPLE : text.keys
  const key = (name: Key) => element('kbd', {}, words[name] ?? name)
  const names = Object.keys(KEYS) as (keyof typeof KEYS)[]
  const rows = names.flatMap((does) => [
    element('dt', {}, ...KEYS[does].flatMap((name, place) => (place === 0 ? [key(name)] : [' ', key(name)]))),
    element('dd', {}, text.shortcuts[does]),
  ])
  openDialog(text.keyboardShortcuts, element('dl', { class: 'keys' }, ...rows))
}
