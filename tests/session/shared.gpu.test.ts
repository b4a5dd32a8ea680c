import { describe, expect, test } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { ask, sayAsked } from '../bench/ask-ten.ts'
import { withTiny } from '../tools/tiny-model.ts'

/** Ids fed while `work` ran. */
async function fedBy(model: Model, work: () => Promise<void>): Promise<number> {
  const before = (await model.counters()).tokens
  await work()
  return (await model.counters()).tokens - before
}

/** A text of `length` bytes that no other test uses, so that nothing of it is known; without words that are tokens. */
const documentOf = (name: string, length: number) => `${name}: ${'lorem ipsum; '.repeat(length)}`.slice(0, length)

describe('what sessions share', () => {
  test('read once, ask ten: a document of 1,000 tokens is fed once, and the answers are the same as without sharing', () =>
    withTiny(async (model) => {
      const text = documentOf('ten', 1000)
      const questions = Array.from({ length: 10 }, (_, i) => `Why ${i}`)
      const asked = { document: text, questions, sampling: { maxTokens: 1, bannedIds: [0, 259] } }
      const alone = await ask(model, { ...asked, shared: false })
      const hits = (await model.counters()).prefixHits
      const together = await ask(model, { ...asked, shared: true })
      // A question is 1 id left of the document, its own, the answer and the end of the turn, which is one token.
      const perQuestion = (await model.encode('U:Why 0\n\nA:')).length + 1 + 1 + 1
      expect(alone.tokens).toBe(10 * (1000 + perQuestion))
      expect(together.tokens).toBe(1000 + 10 * perQuestion)
      expect(together.answers).toEqual(alone.answers)
      expect((await model.counters()).prefixHits).toBeGreaterThanOrEqual(hits + 9)
      for (const [name, one] of Object.entries({ alone, together })) console.log(sayAsked(name, one))
    }))

  test('a system prompt is read once, whatever is asked behind it', () =>
    withTiny(async (model) => {
      const system = documentOf('system', 100)
      const [first, second] = await Promise.all([1, 2].map(() => model.createSession({ system })))
      const own = async (text: string) => (await model.encode(`U:${text}\n\nA:`)).length
      const { length } = await model.encode(`${system}\n\n`)
      expect((await first.prompt('hi').summary).promptTokens).toBe(1 + length + (await own('hi')))
      const { promptTokens, ids } = await second.prompt('What is it').summary
      expect(promptTokens).toBe(await own('What is it'))
      const apart = await model.createSession({ system, shared: false })
      expect((await apart.prompt('What is it').summary).ids).toEqual(ids)
    }))

  test('a session that shares nothing neither takes nor leaves anything', () =>
    withTiny(async (model) => {
      const text = documentOf('apart', 60)
      for (const shared of [false, true, false]) {
        const session = await model.createSession({ shared })
        expect(await fedBy(model, () => session.append(text))).toBe(60) // the first id, and the text without its last one
      }
      const other = await model.createSession()
      expect(await fedBy(model, () => other.append(text))).toBe(0)
    }))

  test.each(['engine', 'worker'] as const)(
    'through the %s, a conversation given as texts goes on where it was, its replies known by their words',
    (through) =>
      withTiny(
        async (model) => {
          const first = documentOf(`talk ${through}`, 40)
          const session = await model.createSession()
          const answer = await session.prompt(first, { sampling: { temperature: 2, topP: 1, seed: 5 } }).summary
          expect(await model.encode(answer.text)).not.toEqual(answer.ids) // or the ids would be found by chance

          const again = await model.createSession()
          const expected = await model.encode('U:yo\n\nA:')
          const tokens = await fedBy(model, async () => {
            await again.append(first, { role: 'user' })
            await again.append(answer.text.trim(), { role: 'assistant' })
            expect((await again.prompt('yo', { sampling: { maxTokens: 1 } }).summary).promptTokens).toBe(
              expected.length,
            )
          })
          expect(tokens).toBeLessThanOrEqual(expected.length + 3)
          expect(await again.transcript()).toMatchObject([
            { role: 'user', text: first },
            { role: 'assistant', ids: answer.ids },
            { role: 'user', text: 'yo' },
            { role: 'assistant' },
          ])
          const next = await session.prompt('yo', { sampling: { maxTokens: 1 } }).summary
          expect((await again.transcript()).at(-1)?.ids).toEqual(next.ids)
        },
        { through },
      ),
  )

  test('a reply that the model did not give is read as it would have said it', () =>
    withTiny(async (model) => {
      const session = await model.createSession({ shared: false })
      await session.append('hi', { role: 'user' })
      await session.append(' What\n\nis it? ', { role: 'assistant' })
      const { ids } = await session.prompt('yo').summary
      const plain = await model.createSession({ shared: false })
      await plain.append('U:hi\n\nA: What\nis it?\n\nU:yo\n\nA:')
      expect((await plain.respond().summary).ids).toEqual(ids)
    }))

  test('a plain session goes on with a text as it is, also forked and restored, and leaves no replies to chats', () =>
    withTiny(async (model) => {
      const plain = await model.createSession({ plain: true, sampling: { maxTokens: 3, bannedIds: [0] } })
      await plain.append('The text of all')
      const { contextTokens, reusedTokens } = await plain.respond({ sampling: { maxTokens: 1 } }).summary
      expect([contextTokens, reusedTokens]).toEqual([1 + (await model.encode('The text of all')).length, 0])
      const twins = [await plain.fork(), await model.restoreSession(await plain.save())]
      const { text, contextTokens: before } = await plain.prompt('so').summary
      expect(before).toBe(contextTokens + 1 + (await model.encode('so')).length)
      for (const twin of twins) expect((await twin.prompt('so').summary).text).toBe(text)
      const chat = await model.createSession({ shared: true })
      await chat.append('hi', { role: 'user' })
      await chat.append(text, { role: 'assistant' })
      const [, reply] = await chat.transcript()
      expect(reply?.ids).toEqual(await model.encode(` ${text.replace(/\n+/g, '\n').trim()}`))
    }))

  test('what is kept is bounded: after many documents, no more memory is taken', () =>
    withTiny(async (model) => {
      const read = async (from: number, to: number) => {
        for (let at = from; at < to; at += 30) {
          const sessions = await Promise.all(Array.from({ length: 30 }, () => model.createSession()))
          await Promise.all(sessions.map((session, i) => session.append(documentOf(`many ${at + i}`, 20))))
          for (const session of sessions) await session.dispose()
        }
        return (await model.counters()).gpuByteLength
      }
      const full = await read(0, 300)
      expect(await read(300, 420)).toBe(full)
    }))
})
