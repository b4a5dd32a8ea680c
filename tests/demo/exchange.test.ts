import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConversation, toJson, toMarkdown } from '../../demo/conversations/exchange.ts'
import { isRwkvError } from '../../src/core/errors.ts'
import { notesOf } from '../../src/element/saved-chat.ts'
import { standInModel } from '../tools/stand-in-model.ts'

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text))
const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), text: fc.string() })
const conversation = fc.record({
  title: fc.string({ minLength: 1 }),
  model: fc.string(),
  messages: fc.array(message).filter((all) => all.some(({ text }) => text.trim() !== '')),
}) // in which something is said

describe('a conversation as a file', () => {
  test('of JSON gives title and messages back, to be read', () => {
    fc.assert(
      fc.property(conversation, (one) => {
        expect(readConversation(bytesOf(toJson(one)))).toEqual({ title: one.title, later: one.messages })
      }),
    )
  })

  test('as an editor may leave it is read too', () => {
    const messages = [{ role: 'user' as const, text: 'Hi' }]
    const file = `\ufeff\n ${toJson({ title: 'T', model: 'm', messages })}`
    expect(readConversation(bytesOf(file))).toEqual({ title: 'T', later: messages })
  })

  test('with its state gives the bytes back, and a title of its first message', async () => {
    const messages = [{ role: 'user' as const, text: 'Tell me a story about a cat.' }]
    const session = await standInModel().model.createSession()
    const saved = await session.save({ notes: notesOf({ model: 'm', messages }) })
    expect(readConversation(saved)).toEqual({ title: 'Story about a cat', saved, later: [] })
  })

  test('with its state, from the time before sessions had notes, is taken too', () => {
    const saved = new Uint8Array(readFileSync(new URL('../golden/sessions/tiny.v1.rwkvchat', import.meta.url)))
    expect(readConversation(saved)).toEqual({ title: 'Cat', saved, later: [] })
  })

  test('of anything else is refused with a sentence', () => {
    for (const file of ['', '{', '{}', 'PK', 'null', '{"format":"rwkv.js conversation","version":2}', '# A title'])
      expect(() => readConversation(bytesOf(file)), file).toThrow(/^This file is not a conversation/)
    expect(() => readConversation(bytesOf('Read me'))).toThrow(/not a saved conversation/)
    for (const messages of [[], [{ role: 'assistant' as const, text: '' }]])
      expect(() => readConversation(bytesOf(toJson({ title: '', model: 'm', messages })))).toThrow(
        /nothing is said in it/,
      )
    const damaged = toJson({ title: 't', model: 'm', messages: [] }).replace('[]', '[{"role":"system","text":""}]')
    expect(() => readConversation(bytesOf(damaged))).toThrow(/its messages are damaged/)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          readConversation(bytes.slice())
        } catch (error) {
          return isRwkvError(error, 'option/invalid')
        }
        return false
      }),
    )
  })

  test('of Markdown names who said what', () => {
    const messages = [
      { role: 'user' as const, text: 'Hi' },
      { role: 'assistant' as const, text: ' Hello.' },
    ]
    expect(toMarkdown({ title: 'T', model: 'storyteller', messages }, 'You')).toBe(
      '# T\n\n**You**\n\nHi\n\n**storyteller**\n\nHello.\n',
    )
  })
})
