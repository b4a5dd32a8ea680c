/**
 * @file Conversations in IndexedDB. What a list shows, what a branch weighs, how far a reply has come and the words to
 * search lie apart, so that each is read and written without the others; what belongs together is written in one
 * transaction.
 */

import { type DBSchema, openDB } from 'idb'
import type { ChatMessage } from '../../src/element/types.ts'
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
  growing: { key: string; value: Pick<BranchContent, 'id' | 'later'> }
  texts: { key: string; value: BranchText }
}

/** The conversations of this browser. */
export interface ConversationStore {
  /** The last changed first. */
  list(): Promise<ConversationEntry[]>
  /** The words of all branches of all conversations. */
  texts(): Promise<BranchText[]>
  read(branch: string): Promise<BranchContent | undefined>
  add(entry: ConversationEntry, content: BranchContent, text: string): Promise<void>
  /** Keep what a branch has become, and change the entry; does nothing if the conversation was removed. */
  save(id: string, change: Change, content: BranchContent, text: string): Promise<void>
  /** Change the entry alone. */
  change(id: string, change: Change): Promise<void>
  /** Keep how far a reply has come, beside what is saved. */
  writeLater(branch: string, later: readonly ChatMessage[]): Promise<void>
  /** With all branches. */
  remove(id: string): Promise<void>
}

/** What an entry becomes. */
export type Change = (entry: ConversationEntry) => ConversationEntry

/** Open the store, making it if there is none. @throws DOMException where storage is refused. */
export async function openConversationStore(): Promise<ConversationStore> {
  const database = await openDB<Schema>('rwkv.js', 2, {
    upgrade(opened, from) {
      if (from < 1) {
        opened.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
        opened.createObjectStore('contents', { keyPath: 'id' })
      }
      opened.createObjectStore('growing', { keyPath: 'id' })
      opened.createObjectStore('texts', { keyPath: 'id' })
    },
  })
  const write = () => database.transaction(['entries', 'contents', 'growing', 'texts'], 'readwrite')

  async function save(id: string, change: Change | ConversationEntry, content: BranchContent, text: string) {
    const transaction = write()
    const entries = transaction.objectStore('entries')
    const entry = typeof change === 'function' ? await entries.get(id).then((old) => old && change(old)) : change
    if (entry) {
      await Promise.all([
        entries.put(entry),
        transaction.objectStore('contents').put(content),
        transaction.objectStore('growing').delete(content.id),
        transaction.objectStore('texts').put({ id: content.id, conversation: id, text }),
      ])
    }
    await transaction.done
  }

  return {
    list: async () => (await database.getAllFromIndex('entries', 'changedAt')).reverse(),
    texts: () => database.getAll('texts'),
    async read(branch) {
      const [content, growing] = await Promise.all([database.get('contents', branch), database.get('growing', branch)])
      return content && { ...content, ...growing }
    },
    add: (entry, content, text) => save(entry.id, entry, content, text),
    save,
    async change(id, change) {
      const transaction = database.transaction('entries', 'readwrite')
      const entry = await transaction.store.get(id)
      if (entry) await transaction.store.put(change(entry))
      await transaction.done
    },
    async writeLater(branch, later) {
      const transaction = database.transaction(['contents', 'growing'], 'readwrite')
      if (await transaction.objectStore('contents').getKey(branch))
        await transaction.objectStore('growing').put({ id: branch, later })
      await transaction.done
    },
    async remove(id) {
      const transaction = write()
      const entry = await transaction.objectStore('entries').get(id)
      const branches = entry?.branches?.map((branch) => branch.id) ?? [id]
      await Promise.all([
        transaction.objectStore('entries').delete(id),
        ...(['contents', 'growing', 'texts'] as const).flatMap((name) =>
          branches.map((branch) => transaction.objectStore(name).delete(branch)),
        ),
        transaction.done,
      ])
    },
  }
}
