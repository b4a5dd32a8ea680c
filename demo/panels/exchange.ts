/** @file The sheet with which conversations go to files and come from them. */

import type { RwkvChatElement } from '../../src/element/types.ts'
import { readConversation, toJson, toMarkdown } from '../conversations/exchange.ts'
import type { Keeper } from '../conversations/keeper.ts'
import { marksWithin } from '../conversations/kept-marks.ts'
import { tell, text } from '../text.ts'
import { createWork } from '../views/parts/work.ts'
import { openDialog } from './dialog.ts'
import { button, element } from './dom.ts'

const FILE_BYTES = 16 * 1024 * 1024 // of marks that go into a file

/** What `openExchange` takes. */
export interface ExchangeOptions {
  readonly chat: RwkvChatElement
  readonly keeper: Keeper
}

/** Show the sheet. What fails is said in it. */
export function openExchange({ chat, keeper }: ExchangeOptions): void {
  const {
    title: heading,
    about,
    export: out,
    nothing,
    json,
    markdown,
    state,
    import: into,
    chooseFile,
    reading,
    read,
    cancel,
  } = text.exchanging
  const { messages, model } = chat
  const title = keeper.entries.find(({ id }) => id === keeper.currentId)?.title ?? ''
  const plain = { title, model: model?.info.name ?? text.modelName, messages }
  const name = title.replace(/[^\p{L}\p{N} _-]+/gu, '').trim() || 'conversation'

  const fault = element('p', { class: 'failed', role: 'alert' })
  const attempt = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => {
      fault.textContent = tell(error)
    })
  const save = (label: string, extension: string, make: () => Promise<BlobPart>) =>
    button(
      label,
      attempt(async () => download(new Blob([await make()]), `${name}.${extension}`)),
    )
  const choices = element(
    'div',
    { class: 'choices' },
    save(markdown, 'md', async () => toMarkdown(plain, text.you)),
    save(json, 'json', async () => toJson(plain)),
    ...(chat.session
      ? [save(state, 'rwkvchat', () => chat.save({ marks: marksWithin(FILE_BYTES, chat.info, { most: 32 }) }))]
      : []),
  )

  const input = element('input', { type: 'file', id: 'import', class: 'visually-hidden', accept: '.json,.rwkvchat' })
  const ending = new AbortController()
  const bar = createWork(
    reading,
    button(cancel, () => dialog.close(), { class: 'small' }),
  )
  async function take(file: File): Promise<void> {
    const { title: named, ...content } = readConversation(new Uint8Array(await file.arrayBuffer()))
    const total = content.later.length
    const show = (done: number) => bar.show({ done, total, words: read(done, total) })
    if (total > 0) show(0)
    try {
      await keeper.add(named, content, { signal: ending.signal, onRead: show })
    } finally {
      bar.hide()
    }
    dialog.close()
  }
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    input.value = '' // the same file may be chosen again
    if (!file) return
    fault.textContent = ''
    attempt(() => take(file))()
  })
  const dialog = openDialog(
    heading,
    element('p', {}, about),
    element('h3', {}, out),
    ...(messages.length > 0 ? [choices] : [element('p', {}, nothing)]),
    element('h3', {}, into),
    element('div', { class: 'open-files' }, input, element('label', { for: 'import' }, chooseFile)),
    bar.element,
    fault,
  )
  dialog.addEventListener('close', () => ending.abort())
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob)
  element('a', { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60_000)
}
