/** @file A model from files of the reader's that is kept on this device. */

import type { KeptModel } from '../../own/kept-models.ts'
import { button, element } from '../../panels/dom.ts'
import { formatBytes } from '../../text.ts'
import { text } from './text.ts'

/** What `createOwnCard` takes. */
export interface OwnCardOptions {
  readonly model: KeptModel
  readonly isInUse: boolean
  readonly onRemove: () => Promise<void>
}

/** Its card. The second press of Delete deletes: the copy may be the only one. */
export function createOwnCard({ model, isInUse, onRemove }: OwnCardOptions): HTMLElement {
  const { id, files } = model
  const largest = files.reduce((one, other) => (other.size > one.size ? other : one))
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const remove = button(text.remove, () => (remove.dataset.sure ? void onRemove() : sure(true)), { class: 'small' })
  const sure = (isSure: boolean) => {
    remove.textContent = isSure ? text.reallyRemove : text.remove
    remove.setAttribute('aria-label', text.of(remove.textContent, largest.name))
    if (isSure) remove.dataset.sure = 'true'
    else delete remove.dataset.sure
  }
  remove.addEventListener('blur', () => sure(false))
  sure(false)
  return element(
    'li',
    { class: 'card model' },
    element(
      'div',
      { class: 'what' },
      element('h3', {}, largest.name, ' ', ...(isInUse ? [element('span', { class: 'badge' }, text.current)] : [])),
      element('p', {}, text.own),
      element('p', { class: 'quiet' }, text.kept(formatBytes(total))),
    ),
    element(
      'div',
      { class: 'row' },
      element(
        'a',
        { class: 'button small primary', href: `./?own=${id}`, 'aria-label': text.of(text.open, largest.name) },
        text.open,
      ),
      remove,
    ),
  )
}
