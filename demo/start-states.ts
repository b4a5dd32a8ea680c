/** @file Tuned start states that the reader has given for a model, in IndexedDB: kept until they are deleted, as the model is. */

import { type DBSchema, openDB } from 'idb'

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
  let opening: ReturnType<typeof open> | undefined
  const open = () =>
    openDB<Schema>('rwkv.js start states', 1, {
      upgrade: (opened) => void opened.createObjectStore('states', { keyPath: 'id' }).createIndex('model', 'model'),
    })
  const all = async (model: string) => {
    opening ??= open()
    const database = await opening
    return { database, kept: await database.getAllFromIndex('states', 'model', model) }
  }
  const choose: StartStates['choose'] = async (model, id) => {
    const { database, kept } = await all(model)
    for (const state of kept)
      if (state.isChosen !== (state.id === id)) await database.put('states', { ...state, isChosen: state.id === id })
  }
  return {
    list: async (model) => (await all(model)).kept,
    async add(model, file) {
      const { database } = await all(model)
      const id = crypto.randomUUID()
      await database.add('states', { id, model, name: file.name, file, isChosen: false })
      await choose(model, id)
    },
    choose,
    async chosen(model) {
      const state = (await all(model)).kept.find(({ isChosen }) => isChosen)
      return state && new File([state.file], state.name)
    },
    async remove(id) {
      opening ??= open()
      await (await opening).delete('states', id)
    },
    async removeAll(model) {
      const { database, kept } = await all(model)
      for (const { id } of kept) await database.delete('states', id)
    },
  }
}
