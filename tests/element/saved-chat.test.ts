import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRwkvError } from '../../src/core/errors.ts'
import { decodeChat, notesOf } from '../../src/element/saved-chat.ts'
import { standInModel } from '../tools/stand-in-model.ts'

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
})

const { model } = standInModel()
const session = await model.createSession()

/** A conversation as it was saved before sessions had notes. */
function oldFile(header: string, saved = new Uint8Array(0)): Uint8Array {
  const json = Buffer.from(header)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return new Uint8Array(Buffer.concat([Buffer.from('RWKVCHAT'), length, json, saved]))
}

/** The same array in the middle of a larger one. */
function within(bytes: Uint8Array, before: number): Uint8Array {
  const larger = new Uint8Array(before + bytes.length)
  larger.set(bytes, before)
  return larger.subarray(before)
}

test('what is shown and the session come back from what was saved, also from the middle of a larger array', async () => {
  await fc.assert(
    fc.asyncProperty(chat, fc.nat(7), async (shown, before) => {
      const saved = await session.save({ notes: notesOf(shown) })
      expect(decodeChat(within(saved, before))).toEqual({ ...shown, session: saved })
      const again = await model.restoreSession(decodeChat(saved).session)
      expect(await again.transcript()).toEqual(await session.transcript())
      await again.dispose()
    }),
  )
})

test('they come back from a file of the time before sessions had notes', () => {
  fc.assert(
    fc.property(chat, fc.uint8Array(), fc.nat(7), (shown, saved, before) => {
      const file = oldFile(JSON.stringify({ version: 1, ...shown }), saved)
      expect(decodeChat(within(file, before))).toEqual({ ...shown, session: saved.slice() })
    }),
  )
})

test('every cut within what is shown, and any other bytes, are refused with a sentence', async () => {
  const shown = { model: 'm', messages: [{ role: 'user' as const, text: 'hi' }] }
  const saved = await session.save({ notes: notesOf(shown) })
  for (const whole of [saved, oldFile(JSON.stringify({ version: 1, ...shown }))])
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeChat(whole.subarray(0, length))).toThrow(/not a saved conversation/)
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

test('notes that are not those of a conversation are refused', async () => {
  const other = [
    'null',
    '[]',
    '{"version":2,"model":"m","messages":[]}',
    '{"version":1,"model":"m","messages":[{"role":"system","text":""}]}',
    '{"version":1,"model":"m","messages":[{"role":"assistant","text":"","cost":{"tokens":1}}]}',
  ]
  for (const bytes of [await session.save(), ...other.map((header) => oldFile(header))])
    expect(() => decodeChat(bytes)).toThrow(/version 1/)
  for (const notes of other) {
    const bytes = await session.save({ notes })
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
