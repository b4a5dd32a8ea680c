import { describe, expect, test } from 'vitest'
import type { SaidToken } from '../../src/core/protocol.ts'
import { openOracle } from '../oracle/oracle-model.ts'
import { tinyWeights, withTiny } from '../tools/tiny-model.ts'

test.each(['engine', 'worker'] as const)(
  'through the %s, log probabilities are those of the oracle, told token by token and in the summary',
  (through) =>
    withTiny(
      async (model) => {
        const oracle = await openOracle(tinyWeights)
        const session = await model.createSession()
        const told: SaidToken[] = []
        const reply = session.prompt('hi', {
          sampling: { logprobs: 3, frequencyPenalty: 0.7 },
          onToken: (token) => told.push(token),
        })
        let text = ''
        for await (const piece of reply) text += piece
        const { ids, tokens } = await reply.summary
        expect(ids.length).toBeGreaterThan(5)
        expect(told).toEqual(tokens)
        expect(told.map(({ id }) => id)).toEqual(ids)
        expect(text).toBe((await reply.summary).text)

        const state = oracle.createState()
        let logits = oracle.feed(state, [0, ...(await model.encode('U:hi\n\nA:'))])
        for (const { id, logprob, alternatives } of told) {
          const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
          expect(logprob).toBeCloseTo(logits[id] - total, 3)
          const best = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a])
          expect(alternatives?.map((choice) => choice.id)).toEqual(best.slice(0, 3))
          logits = oracle.feed(state, [id])
        }
      },
      { through },
    ),
)

describe('through the worker', () => {
  const through = 'worker'

  test('allowed, banned and nudged tokens, and a least number of them', () =>
    withTiny(
      async (model) => {
        const letters = [...'abcd'].map((letter) => letter.charCodeAt(0) + 1)
        const session = await model.createSession({ sampling: { temperature: 5, topP: 1, seed: 3, maxTokens: 20 } })
        const only = await session.prompt('hi', { sampling: { allowedIds: letters, bannedIds: [letters[0]] } }).summary
        expect(only.text).toMatch(/^[bcd]{20}$/)
        const nudged = await session.prompt('hi', { sampling: { logitBias: [{ token: ' cat', bias: 100 }] } }).summary
        expect(nudged.text).toBe(' cat'.repeat(20))
        const least = { logitBias: [{ token: 0, bias: 100 }], minTokens: 7 }
        const long = await session.prompt('hi', { sampling: least }).summary
        expect([long.ids.length, long.finishReason]).toEqual([7, 'stop'])
      },
      { through },
    ))

  test('a stop text of the caller ends the reply and is not shown', () =>
    withTiny(
      async (model) => {
        const session = await model.createSession()
        const whole = await session.prompt('hi').summary
        const stop = whole.text.slice(4, 6)
        const other = await model.createSession({ sampling: { stop: [stop] } })
        const cut = await other.prompt('hi').summary
        expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
        expect(cut.finishReason).toBe('stop')
      },
      { through },
    ))

  test('options that do not fit the model are refused by name, and the session stays usable', () =>
    withTiny(
      async (model) => {
        const refusal = (text: string) => ({ code: 'option/invalid', message: expect.stringContaining(text) })
        await expect(model.createSession({ sampling: { bannedIds: [260] } })).rejects.toMatchObject(
          refusal('bannedIds holds the id 260'),
        )
        const session = await model.createSession()
        const reply = session.prompt('hi', { sampling: { logitBias: [{ token: 'cats', bias: 1 }] } })
        await expect(reply.summary).rejects.toMatchObject(refusal('"cats", which is 4 tokens'))
        expect(await session.transcript()).toEqual([])
        expect((await session.prompt('hi').summary).ids.length).toBe(12)
      },
      { through },
    ))
})
