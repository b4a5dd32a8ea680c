/**
 * @file Conversations in IndexedDB. What a list shows, the session of a branch, its states one by one, how far a reply has
 * come and the words to search lie apart, so that each is read and written without the others; what belongs together is
 * written in one transaction. Branches of a conversation share states; one that none of them needs goes with the next write.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import type { ChatMessage } from '../../src/element/types.ts'
import type { SavedParts } from '../../src/index.ts'
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
  /** From `<rwkv-chat>.saveParts()`, or with its states from `save()`; missing before the first reply has ended. */
  readonly saved?: Uint8Array<ArrayBuffer> | undefined
  /** Names of the states that belong to it and lie apart. */
  readonly names?: readonly string[]
  /** By name: to be written, those that are not there yet; read, all that are there. */
  readonly states?: SavedParts['states']
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

/** How far a branch has come since it was saved; where `saved` is there, as undefined, `later` is all that was said. */
export type GrowingContent = Pick<BranchContent, 'id' | 'later' | 'stamp'> & { readonly saved?: undefined }

interface Schema extends DBSchema {
  entries: { key: string; value: ConversationEntry; indexes: { changedAt: number } }
  contents: { key: string; value: Omit<BranchContent, 'names' | 'states'> }
  /** Which states each branch needs; absent for one that was written by version 2. */
  needs: {
    key: string
    value: { readonly id: string; readonly conversation: string; readonly names: readonly string[] }
  }
  states: {
    key: [conversation: string, name: string]
    value: { readonly conversation: string; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  }
  growing: { key: string; value: GrowingContent }
  texts: { key: string; value: BranchText }
}

/** The conversations of this browser. */
export interface ConversationStore {
  /** The last changed first. */
  list(): Promise<ConversationEntry[]>
  /** The words of all branches of all conversations. */
  texts(): Promise<BranchText[]>
  read(branch: string): Promise<BranchContent | undefined>
  /** Names of the states that are kept of a conversation. */
  stateNames(id: string): Promise<readonly string[]>
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
  writeLater(content: GrowingContent): Promise<string | undefined>
  /** With all branches. Resolves with what puts all of it back, as it was. */
  remove(id: string): Promise<PutBack>
}

/** Once. @throws DOMException where there is no room any more */
export type PutBack = () => Promise<void>

/** What an entry becomes. */
export type Change = (entry: ConversationEntry) => ConversationEntry

type Stores = ('entries' | 'contents' | 'needs' | 'states' | 'growing' | 'texts')[]
const STORES: Stores = ['entries', 'contents', 'needs', 'states', 'growing', 'texts']

function openDatabase(handlers: Handlers<Schema>): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>('rwkv.js', 3, {
    upgrade(opened, from) {
      if (from < 1) {
        opened.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
        opened.createObjectStore('contents', { keyPath: 'id' })
      }
      if (from < 2) {
        opened.createObjectStore('growing', { keyPath: 'id' })
        opened.createObjectStore('texts', { keyPath: 'id' })
      }
      opened.createObjectStore('needs', { keyPath: 'id' })
      opened.createObjectStore('states', { keyPath: ['conversation', 'name'] })
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
  const write = <T>(work: (transaction: Writing) => Promise<T>) => transact(STORES, 'readwrite', work)

  /** True if the branch has not been written since this stamp; a new branch has none. */
  async function isNewest(transaction: Writing, { id, stamp }: Pick<BranchContent, 'id' | 'stamp'>): Promise<boolean> {
    if (stamp === undefined) return true
    const kept =
      (await transaction.objectStore('growing').get(id)) ?? (await transaction.objectStore('contents').get(id))
    return kept?.stamp === stamp
  }

  async function put(
    transaction: Writing,
    entry: ConversationEntry,
    { names = [], states = new Map(), ...content }: BranchContent,
    text: string,
  ) {
    const stamp = crypto.randomUUID()
    const conversation = entry.id
    const kept = transaction.objectStore('states')
    await Promise.all([
      ...Array.from(states, ([name, bytes]) => kept.put({ conversation, name, bytes })),
      transaction.objectStore('needs').put({ id: content.id, conversation, names }),
      transaction.objectStore('entries').put(entry),
      transaction.objectStore('contents').put({ ...content, stamp }),
      transaction.objectStore('growing').delete(content.id),
      transaction.objectStore('texts').put({ id: content.id, conversation, text }),
    ])
    await removeUnneeded(transaction, entry)
    return stamp
  }

  /** Remove the states of a conversation that none of its branches needs any more. */
  async function removeUnneeded(transaction: Writing, entry: ConversationEntry): Promise<void> {
    const [needs, kept] = [transaction.objectStore('needs'), transaction.objectStore('states')]
    const all = await Promise.all(branchesOf(entry).map((branch) => needs.get(branch)))
    const needed = new Set(all.flatMap((one) => one?.names ?? []))
    const keys = await kept.getAllKeys(statesOf(entry.id))
    await Promise.all(keys.filter(([, name]) => !needed.has(name)).map((key) => kept.delete(key)))
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
      transact(['contents', 'needs', 'states', 'growing'], 'readonly', async (transaction) => {
        const [content, growing, needs] = await Promise.all([
          transaction.objectStore('contents').get(branch),
          transaction.objectStore('growing').get(branch),
          transaction.objectStore('needs').get(branch),
        ])
        if (!content || !needs || needs.names.length === 0) return content && { ...content, ...growing }
        const { conversation, names } = needs
        const kept = await Promise.all(names.map((name) => transaction.objectStore('states').get([conversation, name])))
        const states = new Map(kept.flatMap((one) => (one ? [[one.name, one.bytes] as const] : [])))
        return { ...content, ...growing, names, states }
      }),
    stateNames: (id) =>
      transact(['states'], 'readonly', async (transaction) =>
        (await transaction.objectStore('states').getAllKeys(statesOf(id))).map(([, name]) => name),
      ),
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
    async remove(id) {
      const records = await write(async (transaction) => {
        const entry = await transaction.objectStore('entries').get(id)
        const branches = entry ? branchesOf(entry) : [id]
        const ofBranches = BY_BRANCH.flatMap((name) => branches.map((branch) => [name, branch] as const))
        const [states, ...others] = await Promise.all([
          transaction.objectStore('states').getAll(statesOf(id)),
          ...ofBranches.map(([name, branch]) => read(transaction, name, branch)),
        ])
        await Promise.all([
          transaction.objectStore('entries').delete(id),
          transaction.objectStore('states').delete(statesOf(id)),
          ...ofBranches.map(([name, branch]) => transaction.objectStore(name).delete(branch)),
        ])
        return [
          ...(entry ? [{ name: 'entries', value: entry } as const] : []),
          ...states.map(asState),
          ...others.flat(),
        ]
      })
      return () =>
        write(async (transaction) => {
          await Promise.all(records.map(({ name, value }) => transaction.objectStore(name).put(value as never)))
        })
    },
  }
}

const BY_BRANCH = ['contents', 'needs', 'growing', 'texts'] as const

const asState = (value: Schema['states']['value']) => ({ name: 'states', value }) as const

/** The record of a branch, to be put into that store again; none if there is none. */
async function read(
  transaction: IDBPTransaction<Schema, Stores, 'readwrite'>,
  name: (typeof BY_BRANCH)[number],
  branch: string,
): Promise<readonly { readonly name: typeof name; readonly value: unknown }[]> {
  const value: unknown = await transaction.objectStore(name).get(branch)
  return value === undefined ? [] : [{ name, value }]
}

const branchesOf = ({ id, branches }: ConversationEntry) => branches?.map((branch) => branch.id) ?? [id]

/** The keys of a conversation's states: an array comes after all texts. */
const statesOf = (id: string) => IDBKeyRange.bound([id], [id, []])

/** Whether there was no room for it. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
