/**
 * @file Keeps what is said in a `<rwkv-chat>`: a conversation is written when a message is sent, while its reply grows,
 * and with its state when the reply has ended, so that a reload at any moment loses nothing that was shown for long.
 */

import type { ChatMessage, RwkvChatElement } from '../../src/element/types.ts'
import type { ConversationEntry, ConversationStore } from './store.ts'

/** The conversations of one chat. */
export interface Keeper {
  /** Those held with this model, the last changed first. */
  readonly entries: readonly ConversationEntry[]
  /** The one that is shown; undefined for a new one in which nothing was said. */
  readonly currentId: string | undefined
  /** Another model is in the chat: its conversations, and a new one. */
  useModel(model: string): Promise<void>
  open(id: string): Promise<void>
  startNew(): Promise<void>
  rename(id: string, title: string): Promise<void>
  remove(id: string): Promise<void>
}

/** What `createKeeper` takes. */
export interface KeeperOptions {
  readonly chat: RwkvChatElement
  readonly store: ConversationStore
  /** What its model is known by, such as its URL. */
  readonly model: string
  readonly onChange: (keeper: Keeper) => void
}

const WRITE_EVERY_MS = 250
const TITLE_LENGTH = 60

/** Watch over `chat`. */
export async function createKeeper({ chat, store, model: first, onChange }: KeeperOptions): Promise<Keeper> {
  let model = first
  let entries: readonly ConversationEntry[] = []
  let current: ConversationEntry | undefined
  let later: ChatMessage[] = []
  let isWriteDue = false
  let last: Promise<unknown> = Promise.resolve()

  /** Writes one after another. */
  const inOrder = (work: () => Promise<unknown>) => {
    last = last.then(work, work)
    return last
  }
  const refresh = async () => {
    entries = (await store.list()).filter((entry) => entry.model === model)
    onChange(keeper)
  }
  const writeLater = (id: string) => {
    if (isWriteDue) return
    isWriteDue = true
    setTimeout(() => {
      isWriteDue = false
      if (current?.id === id && later.length > 0) void inOrder(() => store.writeLater(id, later))
    }, WRITE_EVERY_MS)
  }

  async function asked(message: ChatMessage): Promise<void> {
    later = [message]
    const begun = current
    if (begun) return void (await inOrder(() => store.writeLater(begun.id, later)))
    const title = message.text.replace(/\s+/g, ' ').slice(0, TITLE_LENGTH)
    const created: ConversationEntry = { id: crypto.randomUUID(), title, changedAt: Date.now(), model }
    current = created
    await inOrder(() => store.write(created, { id: created.id, later }))
    await refresh()
  }

  async function answered(): Promise<void> {
    const { id } = current ?? {}
    if (id === undefined) return
    const saved = await chat.save()
    const entry = entries.find((one) => one.id === id)
    if (!entry || current?.id !== id) return // removed, or another one is open: its `later` stands
    later = []
    await inOrder(() => store.write({ ...entry, changedAt: Date.now() }, { id, saved, later: [] }))
    await refresh()
  }

  chat.addEventListener('message', ({ detail: { role, text } }) => {
    void (role === 'user' ? asked({ role, text }) : answered())
  })
  chat.addEventListener('token', () => {
    const reply = chat.messages.at(-1)
    if (!current || reply?.role !== 'assistant' || later.length === 0) return
    later = [later[0] as ChatMessage, reply]
    writeLater(current.id)
  })

  const keeper: Keeper = {
    get entries() {
      return entries
    },
    get currentId() {
      return current?.id
    },
    async useModel(next) {
      model = next
      current = undefined
      later = []
      await refresh()
    },
    async open(id) {
      await last
      const [entry, content] = [entries.find((one) => one.id === id), await store.read(id)]
      if (!entry || !content) return
      current = entry
      later = [...content.later]
      onChange(keeper)
      await chat.restore(content.saved, content.later)
    },
    async startNew() {
      current = undefined
      later = []
      onChange(keeper)
      await chat.clear()
    },
    async rename(id, title) {
      await inOrder(() => store.rename(id, title))
      await refresh()
    },
    async remove(id) {
      await inOrder(() => store.remove(id))
      if (current?.id === id) await keeper.startNew()
      await refresh()
    },
  }
  await refresh()
  return keeper
}
