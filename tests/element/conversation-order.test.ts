import { describe, expect, test } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { scriptedModel } from '../tools/scripted-model.ts'

const nothing = () => {}

/** A conversation over a model that answers "yes"; opening a session takes until `open` is called. */
async function begin({ ready = Promise.resolve() }: { ready?: Promise<void> } = {}) {
  const { model } = scriptedModel({ answer: () => ' yes' })
  const waiting: (() => void)[] = []
  const slow: Model = {
    ...model,
    async createSession(options) {
      await new Promise<void>((opened) => waiting.push(opened))
      return model.createSession(options)
    },
  }
  const conversation = quietConversation({ ready: () => ready })
  const open = async () => {
    while (waiting.length === 0) await new Promise(setImmediate)
    waiting.shift()?.()
  }
  await Promise.all([conversation.attach(slow), open()])
  const texts = () => conversation.messages.map(({ text }) => text)
  return { conversation, open, texts }
}

const user = (text: string) => [{ role: 'user', text }] as const

describe('what is asked of a conversation is done in the order in which it was asked', () => {
  test('a message before one that is added after it, also while the model is loaded', async () => {
    let load = nothing
    const ready = new Promise<void>((loaded) => {
      load = loaded
    })
    const { conversation, texts } = await begin({ ready })
    const all = [conversation.send('a'), conversation.add(user('b')), conversation.send('c')]
    load()
    await Promise.all(all)
    expect(texts()).toEqual(['a', 'yes', 'b', 'c', 'yes'])
  })

  test('what is sent and added while another is restored belongs to the restored one', async () => {
    const { conversation, open, texts } = await begin()
    await conversation.send('old')
    const restored = conversation.restore(undefined, user('kept'))
    const all = [conversation.send('a'), conversation.add(user('b'))]
    await open()
    await Promise.all([restored, ...all])
    expect(texts()).toEqual(['kept', 'a', 'yes', 'b'])
  })

  test('a restore that is refused drops nothing, neither what was asked before nor after', async () => {
    const { conversation, texts } = await begin()
    const before = conversation.send('a')
    const refused = expect(conversation.restore(new Blob(['junk']))).rejects.toMatchObject({ code: 'option/invalid' })
    await Promise.all([before, refused, conversation.add(user('b'))])
    expect(texts()).toEqual(['a', 'yes', 'b'])
  })

  test('of a restore that is superseded, what was sent to it is dropped; of one whose successor is refused, kept', async () => {
    const { conversation, open, texts } = await begin()
    const first = conversation.restore(undefined, user('first'))
    const dropped = conversation.send('dropped')
    const second = conversation.restore(undefined, user('second'))
    await Promise.all([open(), open()])
    await Promise.all([first, second])
    expect(await dropped).toBeUndefined()
    expect(texts()).toEqual(['second'])

    const kept = conversation.restore(undefined, user('kept'))
    const refused = expect(conversation.restore(new Uint8Array([1]))).rejects.toMatchObject({ code: 'option/invalid' })
    await Promise.all([open(), refused, kept, conversation.send('a')])
    expect(texts()).toEqual(['kept', 'a', 'yes'])
  })

  test('what was asked before a clear is not done after it, what was asked after it is', async () => {
    const { conversation, open, texts } = await begin()
    const dropped = [conversation.send('a'), conversation.add(user('b'))]
    const cleared = conversation.clear()
    const kept = conversation.add(user('c'))
    await open()
    await Promise.all([...dropped, cleared, kept])
    expect(texts()).toEqual(['c'])
  })

  test('what is being added when another conversation takes its place is not shown there', async () => {
    const { conversation, open, texts } = await begin()
    const { session } = conversation
    const append = session?.append
    let reading = nothing
    let goOn = nothing
    const begun = new Promise<void>((resolve) => {
      reading = resolve
    })
    Object.assign(session as object, {
      append: async (text: string) => {
        reading()
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        await append?.(text)
      },
    })
    const added = conversation.add([...user('a'), ...user('b')])
    await begun
    const cleared = conversation.clear()
    goOn()
    await Promise.all([added, open(), cleared])
    expect(texts()).toEqual([])
  })

  test('a save that was asked for during a restore holds what was restored', async () => {
    const { conversation, open } = await begin()
    await conversation.send('old')
    const restored = conversation.restore(undefined, user('kept'))
    const saved = conversation.save().catch(() => conversation.messages) // the scripted session cannot be saved
    await open()
    await restored
    expect(await saved).toEqual(user('kept'))
  })
})
