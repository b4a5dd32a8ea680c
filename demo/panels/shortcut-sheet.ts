/** @file The help sheet of the keyboard. */

import { text } from '../text.ts'
import { openDialog } from './dialog.ts'
import { element } from './dom.ts'

/** Show it. */
export function openShortcuts(): void {
  const isApple = /mac|iphone|ipad/i.test(navigator.userAgent)
  const key = (name: string) => element('kbd', {}, isApple ? (text.appleKeys[name] ?? name) : name)
  const rows = text.shortcuts.flatMap(([keys, does]) => [
    element('dt', {}, ...keys.flatMap((name, place) => (place === 0 ? [key(name)] : [' ', key(name)]))),
    element('dd', {}, does),
  ])
  openDialog(text.keyboardShortcuts, element('dl', { class: 'keys' }, ...rows))
}
