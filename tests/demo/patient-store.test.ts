import { describe, expect, test, vi } from 'vitest'
import { createPatientStore } from '../../demo/conversations/patient-store.ts'
import type { BranchContent, ConversationEntry, ConversationStore } from '../../demo/conversations/store.ts'

/** A store in memory that refuses what it is asked while `isBroken`. */
function fragileStore() {
  const entries = new Map<string, ConversationEntry>()
  const contents = new Map<string, BranchContent>()
  const texts = new Map<string, { id: string; conversation: string; text: string }>()
  const state = { isBroken: false, contents, entries }
  let writes = 0
  const check = async () => {
    if (state.isBroken) throw new DOMException('no room', 'QuotaExceededError')
  }
  const put = (entry: ConversationEntry, content: BranchContent, text: string) => {
    const stamp = `written ${++writes}`
    entries.set(entry.id, entry)
    contents.set(content.id, { ...content, stamp })
    texts.set(content.id, { id: content.id, conversation: entry.id, text })
    return stamp
  }
  const isNewest = ({ id, stamp }: { id: string; stamp?: string | undefined }) =>
    stamp === undefined || contents.get(id)?.stamp === stamp
  const store: ConversationStore = {
    list: () => check().then(() => [...entries.values()].sort((a, b) => b.changedAt - a.changedAt)),
    texts: () => check().then(() => [...texts.values()]),
    read: (branch) => check().then(() => contents.get(branch)),
    stateNames: () =>
      check().then(() => [...new Set([...contents.values()].flatMap(({ states }) => [...(states?.keys() ?? [])]))]),
    add: (entry, content, text) => check().then(() => put(entry, content, text)),
    save: async (id, change, content, text) => {
      await check()
      const entry = entries.get(id)
      return entry && isNewest(content) ? put(change(entry), content, text) : undefined
    },
    change: async (id, change) => {
      await check()
      const entry = entries.get(id)
      if (entry) entries.set(id, change(entry))
    },
    writeLater: async (content) => {
      await check()
      const there = contents.get(content.id)
      if (!there || !isNewest(content)) return undefined
      const stamp = `written ${++writes}`
      contents.set(content.id, { ...there, ...content, stamp })
      return stamp
    },
    async remove(id) {
      await check()
      const there = [entries, contents, texts].map((all: Map<string, unknown>) => ({ all, one: all.get(id) }))
      for (const { all } of there) all.delete(id)
      return async () => {
        for (const { all, one } of there) if (one) all.set(id, one)
      }
    },
  }
  return { store, state }
}

const entry = (id: string, title = id): ConversationEntry => ({ id, title, changedAt: 1, model: 'm' })
const later = (...texts: string[]) => texts.map((text) => ({ role: 'user' as const, text }))
const same = (one: ConversationEntry) => one

function open() {
  const { store, state } = fragileStore()
  const [onTrouble, onWell] = [vi.fn(), vi.fn()]
  return { patient: createPatientStore(store, { onTrouble, onWell, retryMs: 5 }), state, onTrouble, onWell }
}

describe('where nothing can be written', () => {
  test('it is said once, and what was to be written is read, listed and found all the same', async () => {
    const { patient, state, onTrouble } = open()
    state.isBroken = true
    const stamp = await patient.add(entry('a'), { id: 'a', later: later('one') }, 'one')
    const next = await patient.writeLater({ id: 'a', later: later('one', 'two'), stamp })
    await patient.save('a', (old) => ({ ...old, title: 'A' }), { id: 'a', later: later('1'), stamp: next }, 'all', [])
    await patient.add(entry('b'), { id: 'b', later: later('three') }, 'three')
    await patient.remove('b')
    expect(onTrouble).toHaveBeenCalledTimes(1)
    expect((await patient.list()).map(({ title }) => title)).toEqual(['A'])
    expect((await patient.read('a'))?.later).toEqual(later('1'))
    expect((await patient.texts()).map(({ text }) => text)).toEqual(['all'])
  })

  test('a conversation that was written before is not written less than it was', async () => {
    const { patient, state } = open()
    const saved = new Uint8Array(3)
    const stamp = await patient.add(entry('a'), { id: 'a', saved, later: [] }, '')
    state.isBroken = true
    await patient.writeLater({ id: 'a', later: later('one'), stamp })
    expect(state.contents.get('a')).toMatchObject({ saved, later: [] })
    state.isBroken = false
    await vi.waitFor(() => expect(state.contents.get('a')).toMatchObject({ saved, later: later('one') }))
  })

  test('it is tried again by itself, and then the same writer goes on', async () => {
    const { patient, state, onWell } = open()
    state.isBroken = true
    const stamp = await patient.add(entry('a'), { id: 'a', later: later('one') }, 'one')
    expect(state.contents.size).toBe(0)
    state.isBroken = false
    await vi.waitFor(() => expect(onWell).toHaveBeenCalledTimes(1))
    expect(state.contents.get('a')?.later).toEqual(later('one'))
    const next = await patient.save('a', same, { id: 'a', later: later('two'), stamp }, 'two', [])
    expect(next).toBe(state.contents.get('a')?.stamp) // nobody else has written it
    expect(state.contents.get('a')?.later).toEqual(later('two'))
  })

  test('what another tab wrote meanwhile stays, and what is held is kept beside it', async () => {
    const { patient, state, onWell } = open()
    const stamp = await patient.add(entry('a'), { id: 'a', later: [] }, '')
    await patient.list()
    state.isBroken = true
    await patient.save('a', same, { id: 'a', later: later('mine'), stamp }, 'mine', [])
    state.contents.set('a', { id: 'a', later: later('theirs'), stamp: 'theirs' })
    state.isBroken = false
    await vi.waitFor(() => expect(onWell).toHaveBeenCalled())
    expect([...state.contents.values()].map((content) => content.later[0]?.text)).toEqual(['theirs', 'mine'])
  })

  test('states that were refused one after the other are read, and written together', async () => {
    const { patient, state, onWell } = open()
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])]
    const kept = { names: ['one'], states: new Map([['one', one]]) }
    const stamp = await patient.add(entry('a'), { id: 'a', later: [], ...kept }, '')
    await patient.list()
    state.isBroken = true
    const all = ['one', 'two', 'three']
    const next = { id: 'a', later: [], names: ['one', 'two'], states: new Map([['two', two]]), stamp }
    const held = await patient.save('a', same, next, '', [])
    await patient.save(
      'a',
      same,
      { id: 'a', later: [], names: all, states: new Map([['three', one]]), stamp: held },
      '',
      [],
    )
    expect(await patient.stateNames('a')).toEqual(['two', 'three'])
    state.isBroken = false
    expect([...((await patient.read('a'))?.states?.keys() ?? [])]).toEqual(all)
    await vi.waitFor(() => expect(onWell).toHaveBeenCalled())
    expect([...(state.contents.get('a')?.states?.keys() ?? [])]).toEqual(['two', 'three'])
  })

  test('what was deleted is put back, before it could be deleted and after', async () => {
    for (const isWrittenFirst of [false, true]) {
      const { patient, state, onWell } = open()
      await patient.add(entry('a'), { id: 'a', later: later('one') }, 'one')
      await patient.list()
      state.isBroken = true
      const putBack = await patient.remove('a')
      expect(await patient.list()).toEqual([])
      if (!isWrittenFirst) await putBack()
      state.isBroken = false
      await vi.waitFor(() => expect(onWell).toHaveBeenCalled())
      expect(state.contents.size).toBe(isWrittenFirst ? 0 : 1)
      if (isWrittenFirst) await putBack()
      expect((await patient.list()).map(({ id }) => id)).toEqual(['a'])
      expect((await patient.read('a'))?.later).toEqual(later('one'))
    }
  })

  test('a second trouble is told again', async () => {
    const { patient, state, onTrouble, onWell } = open()
    for (let time = 1; time <= 2; time++) {
      state.isBroken = true
      await patient.add(entry(`${time}`), { id: `${time}`, later: [] }, '')
      state.isBroken = false
      await vi.waitFor(() => expect(onWell).toHaveBeenCalledTimes(time))
    }
    expect(onTrouble).toHaveBeenCalledTimes(2)
  })
})
