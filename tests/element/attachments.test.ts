import { expect, test } from 'vitest'
import { readTextFile, withAttachments, withoutAttachments } from '../../src/element/attachments.ts'
import { decodeChat } from '../../src/element/saved-chat.ts'
import type { Attachment } from '../../src/element/types.ts'
import { mortalModel } from '../tools/mortal-model.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'

const notes: Attachment = { name: 'notes.txt', text: '\nMilk.\n\nBread.\n' }
const pasted: Attachment = { text: 'It was a dark night.' }

test('the model gets each text under its name, in their order, and then what was written', () => {
  expect(withAttachments('What is missing?', [notes, pasted])).toEqual({
    text: 'notes.txt:\nMilk.\n\nBread.\n\nIt was a dark night.\n\nWhat is missing?',
    attachments: [{ name: 'notes.txt', length: 26 }, { length: 22 }],
  })
  expect(withAttachments(' Hello! ', [])).toEqual({ text: 'Hello!' })
})

test.each([
  ['words alone', 'Hello!', []],
  ['a file', 'What is it?', [notes]],
  ['a paste without words', '', [pasted]],
  ['several, one of them empty', 'So?', [{ name: '', text: '' }, notes, pasted, { name: 'x', text: '  ' }]],
])('a message is taken apart as it was put together: %s', (_, words, attachments) => {
  const apart = withoutAttachments(withAttachments(words, attachments))
  expect(apart).toEqual({ words, attachments: attachments.map((one) => ({ ...one, text: one.text.trim() })) })
})

test('only text is read', async () => {
  const file = (...parts: BlobPart[]) => new File(parts, 'a.txt')
  expect(await readTextFile(file('Grüße'))).toEqual({ name: 'a.txt', text: 'Grüße' })
  expect(await readTextFile(file('\u{feff}A'))).toEqual({ name: 'a.txt', text: 'A' }) // without the mark of its encoding
  expect(await readTextFile(file('a\0b'))).toBeUndefined()
  expect(await readTextFile(file(Uint8Array.of(0x89, 0x50, 0x4e, 0x47)))).toBeUndefined()
  expect(await readTextFile(file(new Uint8Array(10_000_001).fill(0x61)))).toBeUndefined()
})

test('a file is read once: by the message it came with, and not for those behind it, nor after it was restored', async () => {
  const { model, readings } = mortalModel()
  const talk = quietConversation()
  await talk.attach(model)
  const { text, attachments } = withAttachments('What is missing?', [notes])
  await talk.send(text, attachments)
  await talk.send('And what else?')
  const said = [...talk.messages]
  expect(said[0]).toEqual({ role: 'user', text, attachments })
  const saved = await talk.save()
  expect(decodeChat(saved).messages[0]).toMatchObject({ text, attachments })
  await talk.clear()
  await talk.restore(saved)
  expect(talk.messages).toEqual(said)
  await talk.send('So?')
  expect(readings.filter((read) => read.includes('Milk'))).toEqual([text])
})
