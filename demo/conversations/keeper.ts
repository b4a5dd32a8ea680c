/**
 * @file Keeps what is said in a `<rwkv-chat>`: a conversation is written when a message is sent, while its reply grows,
 * and with its state when the reply has ended, so that a reload at any moment loses nothing that was shown for long.
 */

import { createTurns } from '../../src/core/turns.ts'
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
  /** @throws whatever `<rwkv-chat>.restore` throws; the conversation that was there stays. */
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
  let current: { readonly id: string } | undefined // another object each time one is opened
  let later: readonly ChatMessage[] = [] // said in it since it was saved
  let isWriteDue = false
  const writes = createTurns()
  const switches = createTurns()

  const refresh = async () => {
    entries = (await store.list()).filter((entry) => entry.model === model)
    onChange(keeper)
  }
  const writeLater = () => {
    const [id, said] = [current?.id, later]
    if (id !== undefined && said.length > 0) void writes(() => store.writeLater(id, said))
  }

  async function asked(text: string): Promise<void> {
    later = [...later, { role: 'user', text }]
    if (current) return writeLater()
    const title = text.replace(/\s+/g, ' ').slice(0, TITLE_LENGTH)
    const created: ConversationEntry = { id: crypto.randomUUID(), title, changedAt: Date.now(), model }
    const content = { id: created.id, later }
    current = created
    await writes(() => store.add(created, content))
    await refresh()
  }

  async function answered(): Promise<void> {
    const [held, covered] = [current, later.length]
    const saved = await chat.save().catch(() => undefined) // without a session `later` stands
    if (!saved || !held || current !== held) return
    later = later.slice(covered)
    const content = { id: held.id, saved, later }
    await writes(() => store.save(content, Date.now()))
    await refresh()
  }

  chat.addEventListener('message', ({ detail: { role, text } }) => {
    void (role === 'user' ? asked(text) : answered())
  })
  chat.addEventListener('token', () => {
    const reply = chat.messages.at(-1)
    // Of a saved reply that is made anew nothing is kept before its end.
    if (!current || reply?.role !== 'assistant' || later.length === 0) return
    later = [...(later.at(-1)?.role === 'assistant' ? later.slice(0, -1) : later), reply]
    if (isWriteDue) return
    isWriteDue = true
    setTimeout(() => {
      isWriteDue = false
      writeLater()
    }, WRITE_EVERY_MS)
  })

  /** What is shown next belongs to no conversation yet. */
  const leave = () => {
    writeLater()
    current = undefined
    later = []
  }
  const clear = async () => {
    leave()
    onChange(keeper)
    await chat.clear()
  }

  const keeper: Keeper = {
    get entries() {
      return entries
    },
    get currentId() {
      return current?.id
    },
    useModel: (next) =>
      switches(async () => {
        model = next
        current = undefined
        later = []
        await refresh()
      }),
    open: (id) =>
      switches(async () => {
        const content = current?.id === id ? undefined : await writes(() => store.read(id))
        if (!content) return
        let shown = { current, later }
        leave()
        try {
          await chat.restore(content.saved, content.later)
          shown = { current: { id }, later: content.later }
        } finally {
          ;({ current, later } = shown) // if it was refused, what was there is there still
          onChange(keeper)
        }
      }),
    startNew: () => switches(clear),
    async rename(id, title) {
      await writes(() => store.rename(id, title))
      await refresh()
    },
    remove: (id) =>
      switches(async () => {
        await writes(() => store.remove(id))
        if (current?.id === id) await clear()
        await refresh()
      }),
  }
  await refresh()
  return keeper
}
