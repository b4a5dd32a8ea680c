/** @file The list of conversations: open, begin, rename, delete. */

import type { ConversationEntry } from '../conversations/store.ts'
import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** What the list asks for. */
export interface ConversationListOptions {
  readonly onOpen: (id: string) => void
  readonly onNew: () => void
  readonly onRename: (id: string, title: string) => void
  readonly onDelete: (id: string) => void
}

/** The list. */
export interface ConversationList {
  readonly element: HTMLElement
  show(entries: readonly ConversationEntry[], currentId: string | undefined): void
}

/** An empty list. */
export function createConversationList(options: ConversationListOptions): ConversationList {
  const items = element('ul', {})
  const none = element('p', { class: 'none' }, text.noConversations)

  function item(entry: ConversationEntry, isCurrent: boolean): HTMLLIElement {
    const { id, title } = entry
    const open = button(title, () => options.onOpen(id), {
      class: 'title',
      ...(isCurrent && { 'aria-current': 'true' }),
    })
    const rename = button('✎', () => row.replaceWith(nameField(entry, row)), {
      class: 'tool',
      'aria-label': text.rename(title),
    })
    // The second click deletes; anything else takes the first one back.
    const remove = button('×', () => (remove.dataset.sure ? options.onDelete(id) : sure(true)), {
      class: 'tool',
      'aria-label': text.remove(title),
    })
    const sure = (isSure: boolean) => {
      remove.textContent = isSure ? text.reallyRemove : '×'
      if (isSure) remove.dataset.sure = 'true'
      else delete remove.dataset.sure
    }
    remove.addEventListener('blur', () => sure(false))
    const row = element('li', {}, open, rename, remove)
    return row
  }

  function nameField({ id, title }: ConversationEntry, row: HTMLLIElement): HTMLLIElement {
    const field = element('input', { type: 'text', value: title, 'aria-label': text.newName, maxlength: '200' })
    const editing = element('li', {}, field)
    const end = (isKept: boolean) => {
      if (!editing.isConnected) return
      const name = field.value.trim()
      editing.replaceWith(row)
      if (isKept && name !== '' && name !== title) options.onRename(id, name)
      else row.querySelector('button')?.focus()
    }
    field.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter' || key === 'Escape') end(key === 'Enter')
    })
    field.addEventListener('blur', () => end(true))
    queueMicrotask(() => field.select())
    return editing
  }

  return {
    element: element(
      'nav',
      { class: 'conversations', 'aria-label': text.conversations },
      button(text.newConversation, options.onNew, { class: 'secondary new' }),
      items,
      none,
    ),
    show(entries, currentId) {
      none.hidden = entries.length > 0
      items.replaceChildren(...entries.map((entry) => item(entry, entry.id === currentId)))
    },
  }
}
