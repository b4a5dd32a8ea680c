/**
 * @file Conversations in IndexedDB. What a list shows and what a conversation weighs lie apart, so that listing reads no
 * states; both are written in one transaction.
 */

import { type DBSchema, openDB } from 'idb'
import type { ChatMessage } from '../../src/element/types.ts'

/** A conversation as the list knows it. */
export interface ConversationEntry {
  readonly id: string
  readonly title: string
  /** Milliseconds since 1970, of the last change. */
  readonly changedAt: number
  /** What the model it was held with is known by, such as its URL. */
  readonly model: string
}

/** What it takes to go on with it. */
export interface ConversationContent {
  readonly id: string
  /** From `<rwkv-chat>.save()`; missing before the first reply has ended. */
  readonly saved?: Uint8Array<ArrayBuffer>
  /** Said since: the message whose reply is under way, and the text of the reply so far. */
  readonly later: readonly ChatMessage[]
}

interface Schema extends DBSchema {
  entries: { key: string; value: ConversationEntry; indexes: { changedAt: number } }
  contents: { key: string; value: ConversationContent }
}

/** The conversations of this browser. */
export interface ConversationStore {
  /** The last changed first. */
  list(): Promise<ConversationEntry[]>
  read(id: string): Promise<ConversationContent | undefined>
  add(entry: ConversationEntry, content: ConversationContent): Promise<void>
  /** Keep a new state; does nothing if the conversation was removed. */
  save(content: ConversationContent, changedAt: number): Promise<void>
  /** Keep how far a reply has come, beside what is saved. */
  writeLater(id: string, later: readonly ChatMessage[]): Promise<void>
  rename(id: string, title: string): Promise<void>
  remove(id: string): Promise<void>
}

/** Open the store, making it if there is none. @throws DOMException where storage is refused. */
export async function openConversationStore(): Promise<ConversationStore> {
  const database = await openDB<Schema>('rwkv.js', 1, {
    upgrade(opened) {
      opened.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
      opened.createObjectStore('contents', { keyPath: 'id' })
    },
  })
  return {
    list: async () => (await database.getAllFromIndex('entries', 'changedAt')).reverse(),
    read: (id) => database.get('contents', id),
    async add(entry, content) {
      const transaction = database.transaction(['entries', 'contents'], 'readwrite')
      await Promise.all([
        transaction.objectStore('entries').put(entry),
        transaction.objectStore('contents').put(content),
        transaction.done,
      ])
    },
    async save(content, changedAt) {
      const transaction = database.transaction(['entries', 'contents'], 'readwrite')
      const entry = await transaction.objectStore('entries').get(content.id)
      if (entry) {
        await Promise.all([
          transaction.objectStore('entries').put({ ...entry, changedAt }),
          transaction.objectStore('contents').put(content),
        ])
      }
      await transaction.done
    },
    async writeLater(id, later) {
      const transaction = database.transaction('contents', 'readwrite')
      const content = await transaction.store.get(id)
      if (content) await transaction.store.put({ ...content, later })
      await transaction.done
    },
    async rename(id, title) {
      const transaction = database.transaction('entries', 'readwrite')
      const entry = await transaction.store.get(id)
      if (entry) await transaction.store.put({ ...entry, title })
      await transaction.done
    },
    async remove(id) {
      const transaction = database.transaction(['entries', 'contents'], 'readwrite')
      await Promise.all([
        transaction.objectStore('entries').delete(id),
        transaction.objectStore('contents').delete(id),
        transaction.done,
      ])
    },
  }
}
