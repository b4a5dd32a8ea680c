/**
 * @file Conversations in IndexedDB. What a list shows, what a branch weighs, how far a reply has come and the words to
 * search lie apart, so that each is read and written without the others; what belongs together is written in one
 * transaction.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import type { ChatMessage } from '../../src/element/types.ts'
import { createConnection, type Handlers } from '../connection.ts'
import type { Branch } from './branches.ts'

/** A conversation as the list knows it. */
export interface ConversationEntry {
  readonly id: string
  readonly title: string
  /** Milliseconds since 1970, of the last change. */
  readonly changedAt: number
  /** What the model it was held with is known by, such as its URL. */
  readonly model: string
  /** All of them, the first one first; absent while there is only that one. */
  readonly branches?: readonly Branch[]
  /** The branch that was shown last; absent: the first. */
  readonly branch?: string
}

/** What it takes to go on with a branch. */
export interface BranchContent {
  /** The branch's; that of the first branch is the conversation's. */
  readonly id: string
  /** From `<rwkv-chat>.save()`; missing before the first reply has ended. */
  readonly saved?: Uint8Array<ArrayBuffer>
  /** Said since: the message whose reply is under way, and the text of the reply so far. */
  readonly later: readonly ChatMessage[]
  /** Changes with each write, in any tab: whoever holds the latest has seen the latest content. */
  readonly stamp?: string | undefined
}

/** The words of a branch. */
export interface BranchText {
  readonly id: string
  readonly conversation: string
  readonly text: string
}

interface Schema extends DBSchema {
  entries: { key: string; value: ConversationEntry; indexes: { changedAt: number } }
  contents: { key: string; value: BranchContent }
  growing: { key: string; value: Omit<BranchContent, 'saved'> }
  texts: { key: string; value: BranchText }
}

/** The conversations of this browser. */
export interface ConversationStore {
  /** The last changed first. */
  list(): Promise<ConversationEntry[]>
  /** The words of all branches of all conversations. */
  texts(): Promise<BranchText[]>
  read(branch: string): Promise<BranchContent | undefined>
  /** Resolves with the stamp. */
  add(entry: ConversationEntry, content: BranchContent, text: string): Promise<string>
  /**
   * Keep what a branch has become, and change the entry. Resolves with its new stamp; with undefined, and does nothing, if
   * the conversation was removed, or the branch has another stamp than `content`, which another tab wrote. Where there is
   * no room for it, `words`, all of the branch's, take the place of its state.
   */
  save(
    id: string,
    change: Change,
    content: BranchContent,
    text: string,
    words: readonly ChatMessage[],
  ): Promise<string | undefined>
  /** Change the entry alone. */
  change(id: string, change: Change): Promise<void>
  /** Keep how far a reply has come, beside what is saved. Resolves as `save` does. */
  writeLater(content: Omit<BranchContent, 'saved'>): Promise<string | undefined>
  /** With all branches. */
  remove(id: string): Promise<void>
}

/** What an entry becomes. */
export type Change = (entry: ConversationEntry) => ConversationEntry

type Stores = ('entries' | 'contents' | 'growing' | 'texts')[]

function openDatabase(handlers: Handlers<Schema>): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>('rwkv.js', 2, {
    upgrade(opened, from) {
      if (from < 1) {
        opened.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
        opened.createObjectStore('contents', { keyPath: 'id' })
      }
      opened.createObjectStore('growing', { keyPath: 'id' })
      opened.createObjectStore('texts', { keyPath: 'id' })
    },
    ...handlers,
  })
}

/**
 * The store; its database is made if there is none. All it does throws a DOMException where storage is refused. `onFull`
 * hears of the reason where words took the place of a state.
 */
export function createConversationStore(onFull: (reason: unknown) => void): ConversationStore {
  const transact = createConnection(openDatabase)
  type Writing = IDBPTransaction<Schema, Stores, 'readwrite'>
  const write = <T>(work: (transaction: Writing) => Promise<T>) =>
    transact<Stores, 'readwrite', T>(['entries', 'contents', 'growing', 'texts'], 'readwrite', work)

  /** True if the branch has not been written since this stamp; a new branch has none. */
  async function isNewest(transaction: Writing, { id, stamp }: Omit<BranchContent, 'saved'>): Promise<boolean> {
    if (stamp === undefined) return true
    const kept =
      (await transaction.objectStore('growing').get(id)) ?? (await transaction.objectStore('contents').get(id))
    return kept?.stamp === stamp
  }

  async function put(transaction: Writing, entry: ConversationEntry, content: BranchContent, text: string) {
    const stamp = crypto.randomUUID()
    await Promise.all([
      transaction.objectStore('entries').put(entry),
      transaction.objectStore('contents').put({ ...content, stamp }),
      transaction.objectStore('growing').delete(content.id),
      transaction.objectStore('texts').put({ id: content.id, conversation: entry.id, text }),
    ])
    return stamp
  }

  const saveOnce: ConversationStore['save'] = (id, change, content, text) =>
    write(async (transaction) => {
      const entry = await transaction.objectStore('entries').get(id)
      if (!entry || !(await isNewest(transaction, content))) return undefined
      return put(transaction, change(entry), content, text)
    })

  return {
    list: () =>
      transact(['entries'], 'readonly', async (transaction) =>
        (await transaction.objectStore('entries').index('changedAt').getAll()).reverse(),
      ),
    texts: () => transact(['texts'], 'readonly', (transaction) => transaction.objectStore('texts').getAll()),
    read: (branch) =>
      transact(['contents', 'growing'], 'readonly', async (transaction) => {
        const [content, growing] = await Promise.all([
          transaction.objectStore('contents').get(branch),
          transaction.objectStore('growing').get(branch),
        ])
        return content && { ...content, ...growing }
      }),
    add: (entry, content, text) => write((transaction) => put(transaction, entry, content, text)),
    async save(id, change, content, text, words) {
      try {
        return await saveOnce(id, change, content, text, words)
      } catch (error) {
        if (!isFull(error)) throw error
        const stamp = await saveOnce(id, change, { id: content.id, stamp: content.stamp, later: words }, text, words)
        onFull(error)
        return stamp
      }
    },
    change: (id, change) =>
      write(async (transaction) => {
        const entry = await transaction.objectStore('entries').get(id)
        if (entry) await transaction.objectStore('entries').put(change(entry))
      }),
    writeLater: (content) =>
      write(async (transaction) => {
        const isThere = await transaction.objectStore('contents').getKey(content.id)
        if (!isThere || !(await isNewest(transaction, content))) return undefined
        const stamp = crypto.randomUUID()
        await transaction.objectStore('growing').put({ ...content, stamp })
        return stamp
      }),
    remove: (id) =>
      write(async (transaction) => {
        const entry = await transaction.objectStore('entries').get(id)
        const branches = entry?.branches?.map((branch) => branch.id) ?? [id]
        await Promise.all([
          transaction.objectStore('entries').delete(id),
          ...(['contents', 'growing', 'texts'] as const).flatMap((name) =>
            branches.map((branch) => transaction.objectStore(name).delete(branch)),
          ),
        ])
      }),
  }
}

/** Whether there was no room for it. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
