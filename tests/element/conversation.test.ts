import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRwkvError } from '../../src/core/errors.ts'
import type { Conversation } from '../../src/element/conversation.ts'
import { decodeChat } from '../../src/element/saved-chat.ts'
import type { ChatMessage } from '../../src/element/types.ts'
import { type MortalModel, mortalModel, readSaved } from '../tools/mortal-model.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'

/** A conversation, and the bits of its element that a test turns. */
function createTalk() {
  const turned = { temperature: 0, onToken: () => {} }
  const talk = quietConversation({
    sampling: () => ({ temperature: turned.temperature }),
    onToken: () => turned.onToken(),
  })
  return { talk, turned }
}

const wordsOf = (messages: readonly { role: string; text: string }[]) =>
  messages.map(({ role, text }) => `${role}: ${text.trim()}`)

/** What a session that goes on from what is saved has read; the words that are saved with it must be those shown. */
async function savedOf(talk: Conversation): Promise<string[]> {
  const { messages, session } = decodeChat(await talk.save())
  expect(messages.map(({ role, text }) => ({ role, text }))).toEqual(talk.messages)
  return wordsOf(readSaved(session).said)
}

/** Another model in place of one that may be gone, as after Try again. */
async function startAgain(talk: Conversation, fingerprint?: string): Promise<MortalModel> {
  talk.drop()
  const next = mortalModel(fingerprint)
  await talk.attach(next.model)
  return next
}

describe('after its model was lost, a conversation is known to the next one', () => {
  test('from its words, where it was never saved', async () => {
    const { talk } = createTalk()
    const first = mortalModel()
    await talk.attach(first.model)
    await talk.send('One?')
    first.dieIn(3) // in the reply
    await expect(talk.send('Two?')).rejects.toThrow('The GPU stopped.')
    expect(wordsOf(talk.messages)).toEqual([
      'user: One?',
      'assistant: It is number 1.',
      'user: Two?',
      'assistant: It is',
    ])
    await startAgain(talk)
    expect(await savedOf(talk)).toEqual(wordsOf(talk.messages))
  })

  test('from what was saved, and then only what came after is read again', async () => {
    const { talk } = createTalk()
    const first = mortalModel()
    await talk.attach(first.model)
    await talk.send('One?')
    await talk.save()
    first.dieIn(2)
    await expect(talk.send('Two?')).rejects.toThrow()
    const second = await startAgain(talk)
    expect(second.readings).toEqual(['Two?', ' '])
    expect(await savedOf(talk)).toEqual(wordsOf(talk.messages))
  })

  test('also where the reply that was saved was being made anew', async () => {
    const { talk } = createTalk()
    const first = mortalModel()
    await talk.attach(first.model)
    await talk.send('One?')
    await talk.save()
    first.dieIn(5)
    await expect(talk.regenerate()).rejects.toThrow()
    const second = await startAgain(talk)
    expect(second.readings).toEqual([' It is']) // the state in front of the reply was saved too
    expect(await savedOf(talk)).toEqual(['user: One?', 'assistant: It is'])
  })

  test('also where it is lost once more while it is read', async () => {
    const { talk } = createTalk()
    await talk.attach(mortalModel().model)
    await talk.send('One?')
    await talk.save()
    talk.drop()
    for (let steps = 1; steps < 4; steps++) {
      const dying = mortalModel('others') // so that all of it has to be read
      dying.dieIn(steps)
      await expect(talk.attach(dying.model)).rejects.toThrow('The GPU stopped.')
      talk.drop()
    }
    await startAgain(talk)
    expect(await savedOf(talk)).toEqual(['user: One?', 'assistant: It is number 1.'])
  })

  test('and the question whose reply was lost can be answered anew', async () => {
    const { talk } = createTalk()
    const first = mortalModel()
    await talk.attach(first.model)
    first.dieIn(1)
    await expect(talk.send('One?')).rejects.toThrow()
    await startAgain(talk)
    await talk.regenerate()
    expect(await savedOf(talk)).toEqual(['user: One?', 'assistant: It is number 1.'])
  })
})

describe('what is shown, the session has read', () => {
  test('also a message whose reply was refused, and it is that one which is answered anew', async () => {
    const { talk, turned } = createTalk()
    await talk.attach(mortalModel().model)
    await talk.send('One?')
    turned.temperature = -1
    await expect(talk.send('Two?')).rejects.toThrow('temperature')
    turned.temperature = 0
    await talk.regenerate()
    expect(wordsOf(talk.messages)).toEqual([
      'user: One?',
      'assistant: It is number 1.',
      'user: Two?',
      'assistant: It is number 3.',
    ])
    expect(await savedOf(talk)).toEqual(wordsOf(talk.messages))
  })

  test('Stop does not hide that the model was lost meanwhile', async () => {
    const { talk, turned } = createTalk()
    const first = mortalModel()
    await talk.attach(first.model)
    turned.onToken = () => {
      first.dieIn(1)
      talk.stop()
    }
    await expect(talk.send('One?')).rejects.toThrow('The GPU stopped.')
  })

  test('a conversation that is replaced before its turn to be saved is not saved as another one', async () => {
    const { talk } = createTalk()
    await talk.attach(mortalModel().model)
    await talk.send('One?')
    const saving = talk.save()
    const clearing = talk.clear()
    await expect(saving).rejects.toMatchObject({ code: 'session/disposed' })
    await clearing
    expect(await savedOf(talk)).toEqual([])
  })

  const place = fc.nat(5)
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'send' as const }) },
    fc.constant({ kind: 'refused' as const }),
    fc.constant({ kind: 'stopped' as const }),
    fc.constant({ kind: 'regenerate' as const }),
    fc.record({ kind: fc.constant('rewind' as const), place }),
    fc.constant({ kind: 'add' as const }),
    fc.constant({ kind: 'save' as const }),
    fc.record({ kind: fc.constant('restore' as const), place }),
    fc.constant({ kind: 'away' as const }),
    fc.record({ kind: fc.constant('die' as const), steps: fc.integer({ min: 1, max: 9 }), same: fc.boolean() }),
  )

  test('whatever is done, in whatever order, and whenever the model is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const { talk, turned } = createTalk()
        let alive = mortalModel()
        await talk.attach(alive.model)
        let saved: Uint8Array | undefined
        let number = 0
        const isLost = (error: unknown) => {
          if (!isRwkvError(error, 'gpu/lost') && !isRwkvError(error, 'session/saved')) throw error
        }
        const later: ChatMessage[] = [{ role: 'user', text: 'Later.' }]
        for (const one of operations) {
          number++
          if (one.kind === 'send') await talk.send(`Say ${number}.`).catch(isLost)
          if (one.kind === 'refused') {
            turned.temperature = -1
            await talk.send(`Say ${number}.`).catch(() => {})
            turned.temperature = 0
          }
          if (one.kind === 'stopped') {
            turned.onToken = talk.stop
            await talk.send(`Say ${number}.`).catch(isLost)
            turned.onToken = () => {}
          }
          if (one.kind === 'regenerate') await talk.regenerate().catch(isLost)
          if (one.kind === 'rewind') await talk.rewind(one.place).catch(isLost)
          if (one.kind === 'add') await talk.add([{ role: 'user', text: `Added ${number}.` }]).catch(isLost)
          if (one.kind === 'save') saved = (await talk.save().catch(isLost)) ?? saved
          if (one.kind === 'restore') await talk.restore(saved, later.slice(one.place % 2)).catch(isLost)
          if (one.kind === 'away') {
            await talk.detach()
            alive = mortalModel()
            await talk.attach(alive.model)
          }
          if (one.kind === 'die') {
            alive.dieIn(one.steps)
            await talk.send(`Say ${number}.`).catch(isLost)
            await talk.save().catch(isLost)
            saved = one.same ? saved : undefined
            alive = await startAgain(talk, one.same ? undefined : 'others')
          }
        }
        expect(await savedOf(talk)).toEqual(wordsOf(talk.messages))
      }),
      { numRuns: 100 },
    )
  })
})
