import { expect, test } from 'vitest'
import type { Model, Thinking } from '../../src/core/protocol.ts'
import type { ReplyEntry } from '../../src/element/conversation.ts'
import { formatThoughts } from '../../src/element/text.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { standInModel } from '../tools/stand-in-model.ts'
import { modelThat } from '../tools/thinking-model.ts'

/** A conversation with `model` as an element has it; `shown` are its last replies, each time something changed. */
async function conversationWith(model: Model, { maxTokens = 100, think = true as Thinking } = {}) {
  const shown: ReplyEntry[] = []
  const conversation = quietConversation({
    sampling: () => ({ temperature: 0, maxTokens }),
    think: () => think,
    onChange() {
      const last = conversation.entries.at(-1)
      if (last?.kind === 'reply') shown.push(last)
    },
  })
  await conversation.attach(model)
  return { conversation, shown }
}

const thoughts = { text: 'Hm, well.', tokens: 18 }
const spoken = '>Hm, well.</think>\nIt is.'

test('thoughts are shown beside the reply while they grow, with their number at its end', async () => {
  const { conversation, shown } = await conversationWith(modelThat(spoken).model)
  await conversation.send('Why?')
  expect(shown.some(({ text, thoughts }) => text === '' && thoughts?.text === 'Hm')).toBe(true)
  expect(shown.at(-1)).toMatchObject({ text: 'It is.', thoughts })
  expect(conversation.messages).toEqual([
    { role: 'user', text: 'Why?' },
    { role: 'assistant', text: 'It is.', thoughts },
  ])
  expect(formatThoughts(thoughts)).toBe('Thoughts · 18 tokens')
})

test('a saved conversation is restored with its thoughts', async () => {
  const { model } = modelThat(spoken)
  const { conversation } = await conversationWith(model)
  await conversation.send('Why?')
  const { conversation: other } = await conversationWith(model)
  await other.restore(await conversation.save())
  expect(other.messages).toEqual(conversation.messages)
})

test('a reply that was cut within its thoughts goes on with them, whatever is chosen by then', async () => {
  const { model } = modelThat(spoken)
  const options = { maxTokens: 4, think: 'a bit' as Thinking }
  const { conversation } = await conversationWith(model, options)
  await conversation.send('Why?')
  expect(conversation.messages.at(-1)).toEqual({ role: 'assistant', text: '', thoughts: { text: 'Hm,', tokens: 4 } })
  const { conversation: later, shown } = await conversationWith(model, { think: false })
  await later.restore(await conversation.save())
  await later.resume()
  expect(shown.every(({ thoughts }) => thoughts?.text.startsWith('Hm,'))).toBe(true)
  expect(later.messages.at(-1)).toEqual({ role: 'assistant', text: 'It is.', thoughts })
})

test('a model that cannot think is not asked to', async () => {
  const { conversation } = await conversationWith(standInModel().model, { maxTokens: 6 })
  await conversation.send('Why?')
  expect(conversation.messages.at(-1)).not.toHaveProperty('thoughts')
})
