/**
 * @file Tuned start states that the reader has given for a model, in IndexedDB: kept until they or the model are deleted.
 */

import { type DBSchema, openDB } from 'idb'
import { createConnection } from './connection.ts'

/** One of them. */
export interface StartState {
  readonly id: string
  /** Of its file. */
  readonly name: string
  /** The one that new conversations begin with. */
  readonly isChosen: boolean
}

interface Kept extends StartState {
  readonly model: string
  readonly file: Blob
}

interface Schema extends DBSchema {
  states: { key: string; value: Kept; indexes: { model: string } }
}

/** The start states of all models, by the models' addresses. Calls reject where storage is refused. */
export interface StartStates {
  list(model: string): Promise<readonly StartState[]>
  /** Keep a file, and choose it. */
  add(model: string, file: File): Promise<void>
  /** Choose one, or without `id` the model's own. */
  choose(model: string, id?: string): Promise<void>
  chosen(model: string): Promise<File | undefined>
  remove(id: string): Promise<void>
  removeAll(model: string): Promise<void>
}

/** Nothing is opened before it is used. */
export function createStartStates(): StartStates {
  const transact = createConnection<Schema>((handlers) =>
    openDB('rwkv.js start states', 1, {
      upgrade: (opened) => void opened.createObjectStore('states', { keyPath: 'id' }).createIndex('model', 'model'),
      ...handlers,
    }),
  )
  const all = (model: string) =>
    transact(['states'], 'readonly', (transaction) => transaction.objectStore('states').index('model').getAll(model))
  /** Those of a model become what `change` makes of them. */
  const replace = (model: string, change: (kept: readonly Kept[]) => readonly Kept[]) =>
    transact(['states'], 'readwrite', async (transaction) => {
      const states = transaction.objectStore('states')
      const kept = await states.index('model').getAll(model)
      const next = change(kept)
      await Promise.all([
        ...kept.filter(({ id }) => !next.some((one) => one.id === id)).map(({ id }) => states.delete(id)),
        ...next.map((one) => states.put(one)),
      ])
    })
  const withChosen = (kept: readonly Kept[], chosen?: string) =>
    kept.map((one) => ({ ...one, isChosen: one.id === chosen }))
  return {
    list: all,
    add(model, file) {
      const added = { id: crypto.randomUUID(), model, name: file.name, file, isChosen: true }
      return replace(model, (kept) => [...withChosen(kept), added])
    },
    choose: (model, id) => replace(model, (kept) => withChosen(kept, id)),
    async chosen(model) {
      const state = (await all(model)).find(({ isChosen }) => isChosen)
      return state && new File([state.file], state.name)
    },
    remove: (id) => transact(['states'], 'readwrite', (transaction) => transaction.objectStore('states').delete(id)),
    removeAll: (model) => replace(model, () => []),
  }
}
