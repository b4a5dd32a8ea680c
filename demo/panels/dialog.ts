/** @file A sheet over the page. It goes away by its button, by Escape, and by a click beside it. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'
import './dialog.css'

/** Show `children` under `title`. The focus goes back to where it was when the sheet is closed. */
export function openDialog(title: string, ...children: readonly Node[]): HTMLDialogElement {
  const close = button('×', () => dialog.close(), { class: 'dismiss', 'aria-label': text.close })
  const heading = element('h2', { id: 'dialog-title' }, title)
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'dialog-title' },
    element('div', { class: 'sheet' }, element('header', {}, heading, close), ...children),
  )
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}
