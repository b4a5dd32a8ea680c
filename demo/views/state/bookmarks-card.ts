/** @file The card of bookmarks: states under a name, in this browser and in files. */

import type { App } from '../../app.ts'
import { marksWithin } from '../../conversations/kept-marks.ts'
import { button, element } from '../../panels/dom.ts'
import { formatBytes, labels, tell } from '../../text.ts'
import { fileNameOf, saveFile, shareFile } from '../parts/files.ts'
import { sayNoModel } from '../parts/no-model.ts'
import { type Bookmark, createBookmarkStore } from './bookmark-store.ts'
import { text } from './text.ts'

/** The card. */
export interface BookmarksCard {
  readonly element: HTMLElement
  /** Read them anew. */
  refresh(): Promise<void>
}

const BOOKMARK_BYTES = 4 * 1024 * 1024 // of marks, with which the last reply can be made anew at once
const EXTENSION = '.rwkvchat'
const when = new Intl.DateTimeFormat(labels.locale, { dateStyle: 'medium', timeStyle: 'short' })

/** A card without bookmarks. */
export function createBookmarksCard({ chat, keeper, notices }: App): BookmarksCard {
  const name = element('input', { type: 'text', maxlength: '100', required: true })
  const keep = element('button', { class: 'primary' }, text.keep)
  const form = element('form', { class: 'row' }, element('label', { class: 'field wide' }, text.name, name), keep)
  const items = element('ul', { class: 'bookmarks' })
  const none = element('p', { class: 'quiet' }, text.noBookmarks)
  const said = element('p', { class: 'quiet', role: 'status' })
  const input = element('input', { type: 'file', accept: EXTENSION, id: 'load-state', class: 'visually-hidden' })
  const store = createBookmarkStore()

  /** The conversation with its state. */
  async function save(): Promise<Uint8Array<ArrayBuffer>> {
    if (!chat.session) throw new Error(sayNoModel(chat.state))
    return chat.save({ marks: marksWithin(BOOKMARK_BYTES, chat.info, { most: 2 }) })
  }

  /** Do what may fail, and say so if it does. */
  const run = (work: () => Promise<void>) => {
    work().catch((error: unknown) => {
      said.textContent = tell(error)
    })
  }
  const fileOf = (title: string, saved: Uint8Array<ArrayBuffer>) =>
    new File([saved], fileNameOf(title, EXTENSION), { type: 'application/octet-stream' })

  async function refresh(): Promise<void> {
    const bookmarks = await store.list()
    items.replaceChildren(...bookmarks.map(item))
    none.hidden = bookmarks.length > 0
  }

  /** Go on from it, as a conversation of its own, so that the one in the chat stays what it is. */
  async function open(saved: Uint8Array<ArrayBuffer>): Promise<void> {
    await keeper()?.startNew()
    await chat.restore(saved)
    location.hash = '#chat'
  }

  function item(bookmark: Bookmark): HTMLLIElement {
    const { id, name: title, model, savedAt, saved } = bookmark
    const act = (label: string, work: () => Promise<void>) =>
      button(label, () => run(work), { class: 'small', 'aria-label': text.of(label, title) })
    return element(
      'li',
      {},
      element('strong', {}, title),
      element('span', { class: 'quiet' }, text.heldWith(formatBytes(saved.length), model, when.format(savedAt))),
      element(
        'span',
        { class: 'row' },
        act(text.open, () => open(saved)),
        act(text.save, async () => saveFile(fileOf(title, saved))),
        act(text.share2, () => shareFile(fileOf(title, saved))),
        act(text.remove, async () => {
          await store.remove(id)
          said.textContent = text.removed(title)
          await refresh()
          name.focus()
        }),
      ),
    )
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    run(async () => {
      const title = name.value.trim()
      const saved = await save()
      const model = chat.info?.name ?? ''
      await store.add({ id: crypto.randomUUID(), name: title, model, savedAt: Date.now(), saved })
      name.value = ''
      said.textContent = text.keptAs(title)
      await refresh()
    })
  })
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    input.value = ''
    if (file) run(async () => open(new Uint8Array(await file.arrayBuffer())))
  })

  return {
    element: element(
      'section',
      { class: 'card' },
      element('h3', {}, text.bookmarks),
      element('p', { class: 'quiet' }, text.bookmarksAbout),
      form,
      said,
      items,
      none,
      element(
        'div',
        { class: 'row files' },
        button(text.saveCurrent, () => run(async () => saveFile(fileOf(document.title, await save())))),
        input,
        element('label', { for: 'load-state', class: 'button' }, text.load),
      ),
    ),
    async refresh() {
      try {
        await refresh()
        form.hidden = false
      } catch {
        if (form.hidden) return
        form.hidden = true
        notices.show(text.refused)
      }
    },
  }
}
