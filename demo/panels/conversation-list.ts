/** @file The list of conversations: search, open, begin, rename, delete; and the branches of the one that is open. */

import { type Branch, realOf, type Tree, treeOf } from '../conversations/branches.ts'
import type { Found } from '../conversations/search.ts'
import type { ConversationEntry } from '../conversations/store.ts'
import { text } from '../text.ts'
import { button, element, iconButton } from './dom.ts'
import { createIcon, icons } from './icons.ts'

/** What the list asks for. */
export interface ConversationListOptions {
  /** A link was followed; the address is changed by the browser. */
  readonly onFollow: () => void
  readonly onNew: () => void
  readonly onRename: (id: string, title: string) => void
  readonly onDelete: (entry: ConversationEntry) => void
  readonly onBranch: (branch: string) => void
  readonly onSearch: (query: string) => Promise<readonly Found[]>
}

/** What is open. */
export interface OpenConversation {
  readonly id: string | undefined
  /** Undefined where a new branch begins. */
  readonly branch: string | undefined
}

/** The list. */
export interface ConversationList {
  readonly element: HTMLElement
  show(entries: readonly ConversationEntry[], open: OpenConversation): void
  /** Focus the search field. */
  search(): void
}

/** An empty list. */
export function createConversationList(options: ConversationListOptions): ConversationList {
  const items = element('ul', {})
  const none = element('p', { class: 'none' }, text.noConversations)
  const begin = button(text.newConversation, options.onNew, { class: 'new' })
  begin.prepend(createIcon(icons.begin))
  const field = element('input', { type: 'search', 'aria-label': text.search, placeholder: text.search })
  const tally = element('p', { class: 'visually-hidden', role: 'status' })
  let isNaming = false
  let shown: readonly ConversationEntry[] = []
  let open: OpenConversation = { id: undefined, branch: undefined }
  let searches = 0

  function item({ entry, excerpt }: Found): HTMLLIElement {
    const { id, title, branches } = entry
    const isCurrent = id === open.id
    const words = excerpt === undefined ? [title] : [title, element('small', {}, excerpt)]
    const link = element(
      'a',
      { class: 'title', href: `#chat/${id}`, ...(isCurrent && { 'aria-current': 'page' }) },
      ...words,
    )
    link.addEventListener('click', options.onFollow)
    const rename = iconButton(text.rename(title), icons.edit, () => editName(entry, row), { class: 'tool rename' })
    const remove = iconButton(text.remove(title), icons.remove, () => options.onDelete(entry), { class: 'tool' })
    const row = element('li', { 'data-id': id }, element('div', { class: 'row' }, link, rename, remove))
    if (isCurrent && (branches?.some(({ from, isVersion }) => from && !isVersion) || open.branch === undefined))
      row.append(branchesOf(entry))
    return row
  }

  function branchesOf({ id, title, branches = [{ id, title }] }: ConversationEntry): HTMLElement {
    const shown = open.branch && realOf(branches, open.branch)
    const one = (branch: Branch | undefined) =>
      button(branch?.title ?? text.newBranch, () => branch && options.onBranch(branch.id), {
        class: 'branch',
        ...(branch?.id === shown && { 'aria-current': 'true' }),
      })
    const list = ({ branch, children }: Tree): HTMLElement =>
      element('li', {}, one(branch), ...(children.length > 0 ? [element('ul', {}, ...children.map(list))] : []))
    const tree = treeOf(branches)
    const fresh = open.branch === undefined ? [element('li', {}, one(undefined))] : []
    return element('ul', { class: 'branches', 'aria-label': text.branches }, ...(tree ? [list(tree)] : []), ...fresh)
  }

  /** A field in the place of `row`. What is shown meanwhile waits, or it would take the field away. */
  function editName({ id, title }: ConversationEntry, row: HTMLLIElement): void {
    const name = element('input', { type: 'text', value: title, 'aria-label': text.newName, maxlength: '200' })
    const editing = element('li', {}, name)
    const end = (isKept: boolean) => {
      isNaming = false
      const chosen = name.value.trim()
      editing.replaceWith(row)
      if (isKept && chosen !== '' && chosen !== title) options.onRename(id, chosen)
    }
    name.addEventListener('keydown', (event) => {
      const { key, isComposing } = event
      if ((key !== 'Enter' && key !== 'Escape') || isComposing) return
      event.stopPropagation()
      event.preventDefault() // or Enter would press the button that gets the focus
      end(key === 'Enter')
      row.querySelector<HTMLElement>('.rename')?.focus()
      void refresh()
    })
    name.addEventListener('blur', () => {
      if (!isNaming) return // by being taken away
      end(true)
      void refresh()
    })
    isNaming = true
    row.replaceWith(editing)
    name.select()
  }

  const toolsOf = (row: Element) => [...row.querySelectorAll<HTMLElement>('a, button')]

  /** The rows anew; the focus stays in its place, or goes to the row that took it. */
  function replaceRows(rows: readonly HTMLLIElement[]): void {
    const focused = document.activeElement as HTMLElement | null
    const row = focused?.closest<HTMLElement>('[data-id]')
    const isInside = row !== null && row !== undefined && items.contains(row)
    const place = isInside ? [...items.children].indexOf(row) : -1
    const tool = isInside && focused ? toolsOf(row).indexOf(focused) : -1
    items.replaceChildren(...rows)
    if (!isInside) return
    const next = rows.find(({ dataset }) => dataset.id === row.dataset.id) ?? rows[Math.min(place, rows.length - 1)]
    const target = (next && toolsOf(next)[tool]) ?? begin
    target.focus()
  }

  /** What is to be seen now: all, or what is searched for. */
  async function refresh(): Promise<void> {
    const query = field.value.trim()
    const mine = ++searches
    const found = query === '' ? shown.map((entry) => ({ entry })) : await options.onSearch(query)
    if (mine !== searches || isNaming) return // what is shown meanwhile waits
    replaceRows(found.map(item))
    none.hidden = found.length > 0
    none.textContent = query === '' ? text.noConversations : text.nothingFound
    tally.textContent = query === '' ? '' : text.found(found.length)
  }

  field.addEventListener('input', () => void refresh())
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || (event.key !== 'Enter' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    const first = items.querySelector<HTMLElement>('a')
    if (event.key === 'Enter') first?.click()
    else first?.focus()
  })

  return {
    element: element(
      'nav',
      { class: 'conversations', 'aria-label': text.conversations },
      begin,
      field,
      tally,
      items,
      none,
    ),
    show(entries, opened) {
      shown = entries
      open = opened
      field.hidden = entries.length === 0
      void refresh()
    },
    search() {
      field.focus()
      field.select()
    },
  }
}
