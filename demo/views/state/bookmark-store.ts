/** @file Bookmarks in IndexedDB, in a database of their own: a conversation with its state, under a name. */

import { type DBSchema, openDB } from 'idb'
import { createConnection } from '../../connection.ts'

/** A state that was kept. */
export interface Bookmark {
  readonly id: string
  readonly name: string
  /** Of the model, for people; the saved bytes know which one it was. */
  readonly model: string
  /** Milliseconds since 1970. */
  readonly savedAt: number
  /** From `<rwkv-chat>.save()`. */
  readonly saved: Uint8Array<ArrayBuffer>
}

interface Schema extends DBSchema {
  bookmarks: { key: string; value: Bookmark }
}

/** The bookmarks of this browser. */
export interface BookmarkStore {
  /** The latest first. */
  list(): Promise<Bookmark[]>
  add(bookmark: Bookmark): Promise<void>
  remove(id: string): Promise<void>
}

/** The store; its database is made if there is none. All it does throws a DOMException where storage is refused. */
export function createBookmarkStore(): BookmarkStore {
  const transact = createConnection<Schema>((handlers) =>
    openDB('rwkv.js bookmarks', 1, {
      upgrade(opened) {
        opened.createObjectStore('bookmarks', { keyPath: 'id' })
      },
      ...handlers,
    }),
  )
  return {
    list: () =>
      transact(['bookmarks'], 'readonly', async (transaction) =>
        (await transaction.objectStore('bookmarks').getAll()).sort((a, b) => b.savedAt - a.savedAt),
      ),
    add: (bookmark) =>
      transact(['bookmarks'], 'readwrite', async (transaction) => {
        await transaction.objectStore('bookmarks').add(bookmark)
      }),
    remove: (id) =>
      transact(['bookmarks'], 'readwrite', (transaction) => transaction.objectStore('bookmarks').delete(id)),
  }
}
