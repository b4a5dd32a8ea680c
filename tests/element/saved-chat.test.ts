import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRwkvError } from '../../src/core/errors.ts'
import { decodeChat, encodeChat } from '../../src/element/saved-chat.ts'

const cost = fc.record({
  tokens: fc.nat(),
  promptMs: fc.nat(),
  tokensPerSecond: fc.nat(),
  finishReason: fc.constantFrom('stop' as const, 'length' as const, 'abort' as const),
})

const message = fc.record(
  { role: fc.constantFrom('user' as const, 'assistant' as const), text: fc.string({ unit: 'grapheme' }), cost },
  { requiredKeys: ['role', 'text'] },
)

const chat = fc.record({
  model: fc.string(),
  messages: fc.array(message),
  session: fc.uint8Array().map((bytes) => bytes.slice()),
})

test('decoding an encoded conversation gives it back, also from the middle of a larger array', () => {
  fc.assert(
    fc.property(chat, fc.nat(7), (original, before) => {
      const bytes = encodeChat(original)
      const larger = new Uint8Array(before + bytes.length)
      larger.set(bytes, before)
      expect(decodeChat(larger.subarray(before))).toEqual(original)
    }),
  )
})

test('every cut within the header, and any other bytes, are refused with a sentence', () => {
  const whole = encodeChat({ model: 'm', messages: [{ role: 'user', text: 'hi' }], session: new Uint8Array(0) })
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeChat(whole.subarray(0, length))).toThrow(/not a saved conversation/)
  }
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        decodeChat(bytes)
      } catch (error) {
        return isRwkvError(error, 'option/invalid')
      }
      return false
    }),
  )
})

test('a header that is JSON but not ours is refused', () => {
  for (const header of [
    'null',
    '[]',
    '{"version":2,"model":"m","messages":[]}',
    '{"version":1,"model":"m","messages":[{"role":"system","text":""}]}',
    '{"version":1,"model":"m","messages":[{"role":"assistant","text":"","cost":{"tokens":1}}]}',
  ]) {
    const bytes = new Uint8Array([
      ...new TextEncoder().encode('RWKVCHAT'),
      header.length,
      0,
      0,
      0,
      ...new TextEncoder().encode(header),
    ])
    expect(() => decodeChat(bytes)).toThrow(/version 1/)
  }
})

test('a conversation that was saved with a session of version 1 is read: its words, and the session as it was', () => {
  const bytes = readFileSync(new URL('../golden/sessions/tiny.v1.rwkvchat', import.meta.url))
  const { model, messages, session } = decodeChat(new Uint8Array(bytes))
  expect(model).toBe('tiny')
  expect(messages).toMatchObject([
    { role: 'user', text: 'a cat' },
    { role: 'assistant', cost: { tokens: 4, finishReason: 'length' } },
  ])
  expect(new TextDecoder().decode(session.slice(8, 200))).toContain('"format":"rwkv.js session","version":"1"')
})
