import { expect, test } from 'vitest'
import type { ReplyEntry } from '../../src/element/conversation.ts'
import { german } from '../../src/element/labels/de.ts'
import { createReading } from '../../src/element/reading.ts'
import { formatReading } from '../../src/element/text.ts'
import { quietConversation } from '../tools/quiet-conversation.ts'
import { standInModel } from '../tools/stand-in-model.ts'

test('the time left follows from what was read since the first report: what was cached took none', () => {
  let at = 0
  const read = createReading(() => at)
  expect(read({ read: 600, total: 1000 })).toBeUndefined()
  at = 2000
  expect(read({ read: 700, total: 1000 })).toEqual({ read: 700, total: 1000, leftMs: 6000 })
  at = 3000
  expect(read({ read: 1000, total: 1000 })).toMatchObject({ leftMs: 0 })
})

test('a long message shows how far it is read, in place of the reply, until that begins', async () => {
  const shown: ReplyEntry[] = []
  const talk = quietConversation({
    sampling: () => ({ temperature: 0, maxTokens: 4 }),
    onChange() {
      const last = talk.entries.at(-1)
      if (last?.kind === 'reply') shown.push(last)
    },
  })
  await talk.attach(standInModel().model)
  await talk.send('a long message. '.repeat(300))
  const reading = shown.flatMap(({ reading }) => (reading ? [reading.read] : []))
  expect(reading.length).toBeGreaterThan(1)
  expect(reading).toEqual(reading.toSorted((a, b) => a - b))
  expect(shown.some(({ text, reading }) => text !== '' && reading)).toBe(false)
  expect(shown.at(-1)?.reading).toBeUndefined()
})

test('it is written in seconds, and from 100 on in minutes', () => {
  const reading = { read: 1024, total: 8192, leftMs: 11_200 }
  expect(formatReading(reading)).toBe('Reading: 1,024 of 8,192 tokens, 12 s left')
  expect(formatReading({ ...reading, leftMs: 150_000 })).toBe('Reading: 1,024 of 8,192 tokens, 3 min left')
  expect(formatReading(reading, german)).toBe('Liest: 1.024 von 8.192 Token, noch 12 s')
})
