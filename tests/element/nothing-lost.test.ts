import { describe, expect, test } from 'vitest'
import type { Session } from '../../src/core/protocol.ts'
import type { Conversation } from '../../src/element/conversation.ts'
import { formatUser } from '../../src/text/prompt-format.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { idsInState, type StandIn, standInFormat, standInModel, textOfIds } from '../tools/stand-in-model.ts'

/** A conversation on a stand-in, in which one question was asked. */
async function begin() {
  const standIn = standInModel()
  const conversation = quietConversation()
  await conversation.attach(standIn.model)
  await conversation.send('How do you do?')
  return { standIn, conversation }
}

/** What is shown, as the model reads it. */
function shownIn({ messages }: Conversation): string {
  const parts = messages.map(({ role, text }) =>
    role === 'user' ? formatUser(standInFormat, text) : text + standInFormat.end,
  )
  return standInFormat.opener + parts.join('')
}

/** What the session has read, whether a reply came with a space or not. */
async function knownTo(session: Session | undefined): Promise<string> {
  if (!session) return ''
  const twin = await session.fork()
  await twin.append('!!') // the first of them is fed with all before it
  const text = textOfIds(idsInState(await twin.read())).replaceAll('A: ', 'A:')
  await twin.dispose()
  return text.slice(0, -1)
}

/** What may happen at a call to the GPU. */
const events: Readonly<Record<string, (standIn: StandIn, conversation: Conversation) => void>> = {
  'a stop': (_, conversation) => conversation.stop(),
  'a failure': () => {
    throw new Error('injected')
  },
  'a loss of the GPU': ({ lose }) => lose(),
}

const actions: Readonly<Record<string, (conversation: Conversation) => Promise<unknown>>> = {
  send: (conversation) => conversation.send('What is a cat to a dog?'),
  regenerate: (conversation) => conversation.regenerate(),
  resume: (conversation) => conversation.resume(),
  rewind: (conversation) => conversation.rewind(1),
  add: (conversation) => conversation.add([{ role: 'user', text: 'What is it?' }]),
  save: (conversation) => conversation.save(),
  restore: async (conversation) => conversation.restore(await conversation.save()),
}

const cases = Object.keys(events).flatMap((event) => Object.keys(actions).map((action) => [event, action] as const))

describe('whatever is shown, the model knows all of it before it says more', () => {
  test.each(cases)('after %s at any call within %s', async (event, action) => {
    for (let at = 0, reached = true; reached; at++) {
      const { standIn, conversation } = await begin()
      let count = 0
      standIn.onCall = () => {
        if (count++ === at) events[event]?.(standIn, conversation)
      }
      await actions[action]?.(conversation).catch(() => {}) // as it may
      standIn.onCall = () => {}
      reached = count > at
      if (event === 'a loss of the GPU') {
        const shown = conversation.messages
        conversation.drop()
        await conversation.attach(standInModel().model)
        expect(conversation.messages).toEqual(shown)
      }
      await conversation.send('And now?')
      expect(conversation.messages.at(-2)?.text).toBe('And now?')
      expect(await knownTo(conversation.session), `at call ${at}`).toBe(shownIn(conversation))
    }
  })

  test('also when the GPU is lost while it is read again', async () => {
    for (let at = 0, reached = true; reached; at++) {
      const { standIn, conversation } = await begin()
      await conversation.send('What is a cat to a dog?')
      standIn.lose()
      conversation.drop()
      const next = standInModel()
      let count = 0
      next.onCall = () => {
        if (count++ === at) next.lose()
      }
      await conversation.attach(next.model).catch(() => {})
      next.onCall = () => {}
      reached = count > at
      if (reached) {
        conversation.drop()
        await conversation.attach(standInModel().model)
      }
      await conversation.send('And now?')
      expect(await knownTo(conversation.session), `at call ${at}`).toBe(shownIn(conversation))
    }
  })
})

test('where the GPU is lost, the next model reads the very ids that were said, and keeps the last message to be made anew', async () => {
  const { standIn, conversation } = await begin()
  await conversation.send('What is a cat to a dog?')
  const said = await conversation.session?.transcript()
  standIn.lose()
  conversation.drop()
  await conversation.attach(standInModel().model)
  expect(await conversation.session?.transcript()).toEqual(said)
  await conversation.regenerate()
  expect(conversation.messages.map(({ text }) => text)).toHaveLength(4)
  expect(await knownTo(conversation.session)).toBe(shownIn(conversation))
})
