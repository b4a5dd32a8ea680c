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
  const begin = button(text.newConversation, options.onNew, { class: 'secondary new' })
  let isNaming = false
  let showLatest = () => {}

  function item(entry: ConversationEntry, isCurrent: boolean): HTMLLIElement {
    const { id, title } = entry
    const open = button(title, () => options.onOpen(id), {
      class: 'title',
      ...(isCurrent && { 'aria-current': 'true' }),
    })
    const rename = button('✎', () => editName(entry, row), {
      class: 'tool rename',
      'aria-label': text.rename(title),
    })
    // The second click deletes; anything else takes the first one back.
    const remove = button('×', () => (remove.dataset.sure ? options.onDelete(id) : sure(true)), {
      class: 'tool',
      'aria-label': text.remove(title),
    })
    const sure = (isSure: boolean) => {
      remove.textContent = isSure ? text.reallyRemove : '×'
      remove.setAttribute('aria-label', isSure ? text.reallyRemoveOne(title) : text.remove(title))
      if (isSure) remove.dataset.sure = 'true'
      else delete remove.dataset.sure
    }
    remove.addEventListener('blur', () => sure(false))
    const row = element('li', { 'data-id': id }, open, rename, remove)
    return row
  }

  /** A field in the place of `row`. What is shown meanwhile waits, or it would take the field away. */
  function editName({ id, title }: ConversationEntry, row: HTMLLIElement): void {
    const field = element('input', { type: 'text', value: title, 'aria-label': text.newName, maxlength: '200' })
    const editing = element('li', {}, field)
    const end = (isKept: boolean) => {
      isNaming = false
      const name = field.value.trim()
      editing.replaceWith(row)
      if (isKept && name !== '' && name !== title) options.onRename(id, name)
    }
    field.addEventListener('keydown', (event) => {
      const { key, isComposing } = event
      if ((key !== 'Enter' && key !== 'Escape') || isComposing) return
      event.stopPropagation()
      event.preventDefault() // or Enter would press the button that gets the focus
      end(key === 'Enter')
      row.querySelector<HTMLElement>('.rename')?.focus()
      showLatest()
    })
    field.addEventListener('blur', () => {
      if (!isNaming) return // by being taken away
      end(true)
      showLatest()
    })
    isNaming = true
    row.replaceWith(editing)
    field.select()
  }

  /** The rows anew; the focus stays in its place, or goes to the row that took it. */
  function replaceRows(rows: readonly HTMLLIElement[]): void {
    const focused = document.activeElement
    const row = focused?.closest('li')
    const isInside = row !== null && row !== undefined && items.contains(row)
    const place = isInside ? [...items.children].indexOf(row) : -1
    const tool = isInside ? [...row.children].indexOf(focused as Element) : -1
    items.replaceChildren(...rows)
    none.hidden = rows.length > 0
    if (!isInside) return
    const next = rows.find(({ dataset }) => dataset.id === row.dataset.id) ?? rows[Math.min(place, rows.length - 1)]
    ;((next?.children[tool] as HTMLElement | undefined) ?? begin).focus()
  }

  return {
    element: element('nav', { class: 'conversations', 'aria-label': text.conversations }, begin, items, none),
    show(entries, currentId) {
      showLatest = () => replaceRows(entries.map((entry) => item(entry, entry.id === currentId)))
      if (!isNaming) showLatest()
    },
  }
}
