import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { withTiny } from '../tools/tiny-model.ts'

const guide = readFileSync(new URL('../../docs/conversations.md', import.meta.url), 'utf8')
const [, example = ''] = /## Replies in a format[\s\S]*?```ts\n([\s\S]*?)```/.exec(guide) ?? []

describe('through the worker, a reply in a format', () => {
  const through = 'worker'

  test('is what the guide says', () =>
    withTiny(
      async (model) => {
        const run = new Function('model', `return (async () => {\n${example}\nreturn hero })()`)
        const hero = (await run(model)) as { name: string; age: number }
        expect(Object.keys(hero)).toEqual(['name', 'age'])
        expect(hero.name.length).toBeLessThanOrEqual(20)
        expect([Number.isInteger(hero.age), hero.age >= 1, hero.age <= 99]).toEqual([true, true, true])
      },
      { through },
    ))

  test('leaves the state that its ids and the end of the turn make', () =>
    withTiny(
      async (model) => {
        const session = await model.createSession({ shared: false })
        const sampling = { format: { type: 'regex', pattern: '(?:cat\\n\\n){2}\\d' } } as const
        const { ids, text, finishReason } = await session.prompt('hi', { sampling }).summary
        expect([text.replace(/\d$/, '#'), finishReason]).toEqual(['cat\n\ncat\n\n#', 'stop'])
        const next = await session.prompt('on').summary

        const state = await model.createState()
        await state.feed([0, ...(await model.encode('U:hi\n\nA:')), ...ids, ...(await model.encode('\n\n'))])
        await state.feed(await model.encode('U:on\n\nA:'))
        const logits = await state.logits()
        expect(next.ids[0]).toBe(logits.indexOf(Math.max(...logits)))
      },
      { through },
    ))

  test('is kept to by each of many, and refused for a session or a reply by what is wrong with it', () =>
    withTiny(
      async (model) => {
        const sampling = { format: { type: 'regex', pattern: '[a-f]{4}' }, temperature: 3, topP: 1, seed: 4 } as const
        const replies = await model.generateMany(['a', 'b', 'c', 'd'], { sampling })
        const texts = await Promise.all(replies.map(async ({ summary }) => (await summary).text))
        for (const text of texts) expect(text).toMatch(/^[a-f]{4}$/)
        expect(new Set(texts).size).toBeGreaterThan(1)

        const refusal = { code: 'option/invalid', message: expect.stringContaining('the keyword not') }
        const format = { type: 'json-schema', schema: { not: {} } } as const
        await expect(model.createSession({ sampling: { format } })).rejects.toMatchObject(refusal)
        const session = await model.createSession()
        await expect(session.prompt('hi', { sampling: { format } }).summary).rejects.toMatchObject(refusal)
        expect(await session.transcript()).toEqual([])
      },
      { through },
    ))
})
