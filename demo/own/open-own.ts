/**
 * @file A model from files of the reader's: looked into first, then in the chat, then kept on this device if the reader
 * agrees. Whatever fails, there is a way back to the model that was there.
 */

import type { RwkvChatElement } from '../../src/element/types.ts'
import { button } from '../panels/dom.ts'
import { createModelChoices } from '../panels/model-choices.ts'
import type { Notices } from '../panels/notices.ts'
import { formatBytes, tell, text } from '../text.ts'
import { createWork } from '../views/parts/work.ts'
import { canKeep, keepModel, listKept, nameOfFiles } from './kept-models.ts'
import { tryFiles } from './try-files.ts'

/** The page, for files that are opened. */
export interface OwnPage {
  readonly chat: RwkvChatElement
  readonly notices: Notices
  /** Let the chat have them; undefined is what it began with. The conversation that is named, if any, is shown with it. */
  readonly take: (files: readonly File[] | undefined, conversation?: string) => void
  /** The conversation that is shown. */
  readonly conversation: () => string | undefined
  /** From now on the page opens with this model. */
  readonly remember: (id: string) => void
}

type Files = readonly File[]

const nameOf = (files: Files) => [...files].sort((a, b) => b.size - a.size)[0]?.name ?? ''

/** Open `files`. What goes wrong is said. */
export async function openOwn(files: Files, page: OwnPage): Promise<void> {
  const { chat, notices, take } = page
  const said = notices.show(text.own.opening(nameOf(files)))
  let release: () => void
  try {
    release = await tryFiles(chat, files)
  } catch (error) {
    return refuse(error, files, page)
  } finally {
    said()
  }
  const [before, conversation, name] = [chat.files, page.conversation(), chat.info?.name]
  take(files)
  const hasOpened = await settle(chat, files)
  release()
  if (hasOpened === undefined) return // others came in between
  if (hasOpened) return offerToKeep(files, page)
  if (name === undefined) return
  const back = () => {
    end()
    take(before, conversation)
  }
  const end = notices.show(text.own.notIn(nameOf(files)), { label: text.own.backTo(name), run: back })
}

/** The model that was there goes on; of several in one place, one can be chosen. */
function refuse(error: unknown, files: Files, page: OwnPage): void {
  const { notices } = page
  const choices = createModelChoices(error, ({ files: chosen }, all) => {
    end()
    const others = new Set(all.flatMap((one) => one.files).filter((name) => !chosen.includes(name)))
    void openOwn(
      files.filter(({ name }) => !others.has(name)),
      page,
    )
  })
  const end = choices
    ? notices.show(text.severalModels, choices)
    : notices.show(text.own.refused(nameOf(files), tell(error)), undefined, { isFault: true })
}

/** Whether the chat has come to a model of `files`; undefined if it was given others meanwhile. */
function settle(chat: RwkvChatElement, files: Files): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const look = () => {
      if (chat.files === files && !['ready', 'failed', 'unsupported'].includes(chat.state)) return
      chat.removeEventListener('statechange', look)
      resolve(chat.files === files ? chat.state === 'ready' : undefined)
    }
    chat.addEventListener('statechange', look)
  })
}

async function offerToKeep(files: Files, { notices, remember }: OwnPage): Promise<void> {
  if (!canKeep()) return
  const there = (await listKept().catch(() => undefined))?.find(
    (kept) => nameOfFiles(kept.files) === nameOfFiles(files),
  )
  if (there) return remember(there.id)
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const keep = () => {
    end()
    void keepNow(files, total, { notices, remember })
  }
  const end = notices.show(text.own.offer(nameOf(files), formatBytes(total)), { label: text.own.keep, run: keep })
}

async function keepNow(files: Files, total: number, page: Pick<OwnPage, 'notices' | 'remember'>): Promise<void> {
  const { notices, remember } = page
  const ending = new AbortController()
  const work = createWork(
    text.own.keeping,
    button(text.cancel, () => ending.abort(), { class: 'small' }),
  )
  const show = (done: number) =>
    work.show({ done, total, words: text.own.copied(formatBytes(done), formatBytes(total)) })
  show(0)
  const end = notices.show(text.own.keeping, work.element)
  try {
    const { id } = await keepModel(files, { signal: ending.signal, onProgress: show })
    remember(id)
    notices.show(text.own.kept(nameOf(files)), undefined, { isBrief: true })
  } catch (error) {
    if (!ending.signal.aborted) notices.show(text.own.notKept(tell(error)), undefined, { isFault: true })
  } finally {
    end()
  }
}
