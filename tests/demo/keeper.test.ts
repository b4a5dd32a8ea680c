import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createKeeper } from '../../demo/conversations/keeper.ts'
import type {
  BranchContent,
  ConversationEntry,
  ConversationStore,
  GrowingContent,
} from '../../demo/conversations/store.ts'
import { withAttachments } from '../../src/element/attachments.ts'
import type { Conversation } from '../../src/element/conversation.ts'
import type { RwkvChatElement } from '../../src/element/types.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { standInModel } from '../tools/stand-in-model.ts'

const STATE_BYTES = 6.5 * 1024 * 1024
const MODEL = 'a model'

vi.stubGlobal(
  'BroadcastChannel',
  class {
    postMessage() {}
  },
)

/** A chat without an element, whose model says that its states are large. */
async function openChat(): Promise<RwkvChatElement> {
  const events = new EventTarget()
  const tell = (type: string, detail: object) => events.dispatchEvent(new CustomEvent(type, { detail }))
  const talk = quietConversation({
    sampling: () => ({ maxTokens: 2 }),
    onReply: (asked) => asked !== undefined && tell('message', { role: 'user', ...asked }),
    onMessage: (message) => tell('message', message),
    onRewind: (messages) => tell('rewind', { messages }),
  })
  const { model } = standInModel()
  await talk.attach(model)
  return new Proxy(events, {
    get(_, name) {
      if (name === 'info') return { ...model.info, stateByteLength: STATE_BYTES }
      if (name === 'addEventListener') return events.addEventListener.bind(events)
      return Reflect.get(talk, name)
    },
  }) as RwkvChatElement
}

/** A store in memory that counts the states of each reply. */
function countingStore() {
  const grown = new Map<string, GrowingContent>()
  const entries = new Map<string, ConversationEntry>()
  const contents = new Map<string, BranchContent>()
  const states = new Map<string, Uint8Array<ArrayBuffer>>()
  const written: number[] = []
  const put = (entry: ConversationEntry, { states: fresh = new Map(), ...content }: BranchContent) => {
    const stamp = `${Math.random()}`
    entries.set(entry.id, entry)
    contents.set(content.id, { ...content, stamp })
    grown.delete(content.id)
    for (const [name, bytes] of fresh) states.set(name, bytes)
    const needed = new Set([...contents.values()].flatMap(({ names = [] }) => names))
    for (const name of states.keys()) if (!needed.has(name)) states.delete(name)
    if (content.saved) written.push(fresh.size)
    return stamp
  }
  const store: ConversationStore = {
    list: async () => [...entries.values()],
    texts: async () => [],
    async read(branch) {
      const content = contents.get(branch)
      const there = content?.names?.flatMap((name) => {
        const bytes = states.get(name)
        return bytes ? [[name, bytes] as const] : []
      })
      return content && { ...content, ...grown.get(branch), ...(there && { states: new Map(there) }) }
    },
    stateNames: async () => [...states.keys()],
    add: async (entry, content) => put(entry, content),
    save: async (id, change, content) => put(change(entries.get(id) as ConversationEntry), content),
    change: async (id, change) => void entries.set(id, change(entries.get(id) as ConversationEntry)),
    async writeLater(content) {
      grown.set(content.id, content)
      return content.stamp ?? ''
    },
    async remove(id) {
      const entry = entries.get(id) as ConversationEntry
      entries.delete(id)
      return async () => void entries.set(id, entry)
    },
  }
  return { store, entries, contents, states, written }
}

/** The page, from the beginning or with the conversation that is kept. */
async function openPage(store: ConversationStore, [id]: readonly string[], chat?: RwkvChatElement) {
  chat ??= await openChat()
  const nothing = () => {}
  const keeper = await createKeeper({
    chat,
    store,
    model: MODEL,
    onChange: nothing,
    onSwitch: nothing,
    onConflict: nothing,
  })
  if (id !== undefined) await keeper.open(id)
  return { chat, keeper }
}

test('a message is kept with what was attached to it, also before its reply has ended', async () => {
  const { store, written } = countingStore()
  const { chat } = await openPage(store, [])
  const { send } = chat as unknown as Conversation // the chat of this test has no element around it
  await send('First?')
  await vi.waitFor(() => expect(written).toHaveLength(1), { interval: 1 })
  const grow = vi.spyOn(store, 'writeLater')
  const { text, attachments } = withAttachments('What is missing?', [{ name: 'notes.txt', text: 'Milk.' }])
  await send(text, attachments)
  expect(grow.mock.calls[0]?.[0].later).toEqual([{ role: 'user', text, attachments }])
})

const step = fc.constantFrom('ask', 'ask', 'make anew', 'edit the last question', 'open again', 'open the first branch')

test('with states of 6.5 MB a reply writes at most two, whatever was asked, edited, made anew and opened again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { store, entries, contents, states, written } = countingStore()
      let { chat, keeper } = await openPage(store, [])
      const ask = async (question: string) => {
        const before = written.length
        await chat.send(question)
        await vi.waitFor(() => expect(written).toHaveLength(before + 1), { interval: 1 })
      }
      await ask('First?')
      for (const [place, what] of steps.entries()) {
        const id = keeper.currentId as string
        if (what === 'open again') ({ chat, keeper } = await openPage(store, [id]))
        else if (what === 'open the first branch') await keeper.open(id, id)
        else if (what === 'make anew') {
          const before = written.length
          await chat.regenerate()
          await vi.waitFor(() => expect(written).toHaveLength(before + 1), { interval: 1 })
        } else {
          if (what !== 'ask') await chat.rewind(chat.messages.length - 2)
          await ask(`Number ${place}?`)
        }
        expect(Math.max(...written)).toBeLessThanOrEqual(2)
        const needed = [...contents.values()].flatMap(({ names = [] }) => names)
        expect(new Set(states.keys())).toEqual(new Set(needed))
      }
      expect(entries.size).toBe(1)
      const said = chat.messages
      ;({ chat } = await openPage(store, [...entries.keys()]))
      expect(chat.messages).toEqual(said)
    }),
    { numRuns: 30 },
  )
})

test.each([
  { become: 'resume', branches: 1 },
  { become: 'regenerate', branches: 2 },
] as const)(
  'what a reply became by $become is kept once it has ended, however long its state takes',
  async ({ become, branches }) => {
    const { store, entries, contents, written } = countingStore()
    const quick = await openChat()
    let isSlow = false
    const chat = new Proxy(quick, {
      get: (_, name) => (isSlow && name === 'saveParts' ? () => new Promise(() => {}) : Reflect.get(quick, name)),
    })
    await openPage(store, [], chat)
    await chat.send('First?')
    await vi.waitFor(() => expect(written).toHaveLength(1), { interval: 1 })
    const before = chat.messages
    isSlow = true
    await chat[become]()
    if (become === 'resume') expect(chat.messages).not.toEqual(before)
    const said = chat.messages
    await vi.waitFor(
      async () => {
        const again = await openPage(store, [...entries.keys()])
        expect(again.chat.messages).toEqual(said)
        expect(contents.size).toBe(branches)
      },
      { interval: 10 },
    )
  },
)

test('editing and making anew give versions, going back gives a branch, and each is found from the others', async () => {
  const { store, entries } = countingStore()
  const { chat, keeper } = await openPage(store, [])
  await chat.send('First?')
  await chat.send('Second?')
  await keeper.edit(2, 'Second, in other words?')
  await vi.waitFor(() => expect(keeper.versionsOf(2)).toMatchObject({ shown: 1 }), { interval: 1 })
  const other = keeper.branchId
  await chat.regenerate()
  await vi.waitFor(() => expect(keeper.versionsOf(3)).toMatchObject({ shown: 1 }), { interval: 1 })
  expect(keeper.versionsOf(2)?.branches).toEqual([keeper.currentId, other])
  expect(keeper.versionsOf(0)).toBeUndefined()
  await chat.rewind(2)
  await chat.send('Something else?')
  await vi.waitFor(() => expect(keeper.versionsOf(2)?.branches).toHaveLength(3), { interval: 1 })
  const [{ branches = [] } = {} as ConversationEntry] = entries.values()
  expect(branches.map(({ isVersion = false }) => isVersion)).toEqual([false, true, true, false])
})

test('a conversation that was deleted and put back is shown again, unless another one is by now', async () => {
  const { store } = countingStore()
  const { chat, keeper } = await openPage(store, [])
  await chat.send('First?')
  await vi.waitFor(() => expect(keeper.entries).toHaveLength(1), { interval: 1 })
  const { messages } = chat
  const first = keeper.currentId as string
  let putBack = await keeper.remove(first)
  expect([keeper.entries.length, keeper.currentId, chat.messages.length]).toEqual([0, undefined, 0])
  await putBack()
  expect([keeper.currentId, chat.messages]).toEqual([first, messages])

  putBack = await keeper.remove(first)
  await chat.send('Another?')
  const another = keeper.currentId
  await putBack()
  expect(keeper.currentId).toBe(another)
  expect(keeper.entries.map(({ id }) => id)).toContain(first)
})
