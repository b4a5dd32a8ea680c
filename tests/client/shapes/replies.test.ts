import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAISDKModel } from '../../../src/client/ai-sdk.ts'
import { createFetch, createOpenAI } from '../../../src/client/openai.ts'
import { costOf, merge, startReplies } from '../../../src/client/shapes/replies.ts'
import type { ReplySummary } from '../../../src/core/protocol.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'

test('merge gives everything once, each source in its order, and ends all sources with it', async () => {
  let ended = 0
  async function* source(name: number, count: number) {
    try {
      for (let i = 0; i < count; i++) yield { name, i }
    } finally {
      ended++
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { maxLength: 5 }), async (counts) => {
      const got: { name: number; i: number }[] = []
      for await (const one of merge(counts.map((count, name) => source(name, count)))) got.push(one)
      for (const [name, count] of counts.entries())
        expect(got.filter((one) => one.name === name).map(({ i }) => i)).toEqual([...Array(count).keys()])
    }),
  )
  ended = 0
  for await (const _ of merge([source(0, 9), source(1, 9)])) break
  await expect.poll(() => ended).toBe(2)
})

test('replies lose the space they begin with, in whatever piece it comes', async () => {
  const { model } = scriptedModel({ answer: () => '   \n  Hello you' })
  const session = await model.createSession()
  const texts: string[] = []
  for await (const event of await startReplies({ model, session, n: 1, wantsTokens: false, trims: true }))
    texts.push(event.type === 'end' ? `(${event.summary.finishReason})` : event.text)
  expect(texts).toEqual(['Hello', ' you', '(stop)'])
})

test('sessions go when their replies are made, also if nobody listens, and with the reason of an abort', async () => {
  const { model, alive } = scriptedModel({ answer: () => ' word'.repeat(50) })
  await startReplies({ model, session: await model.createSession(), n: 3, wantsTokens: false, trims: true })
  await expect.poll(alive).toBe(0)
  const { signal } = { signal: AbortSignal.abort(new Error('enough')) }
  const session = await model.createSession()
  const ask = async () => {
    for await (const _ of await startReplies({ model, session, n: 2, wantsTokens: false, trims: true, signal }));
  }
  await expect(ask()).rejects.toThrow('enough')
  await expect.poll(alive).toBe(0)
})

test('left before the first event, replies end, in whatever shape they are told', async () => {
  const { model, alive, words } = scriptedModel({ answer: () => ' word'.repeat(1000) })
  const { chat, completions } = createOpenAI(model)
  const asked = { messages: [{ role: 'user', content: 'Hi' }], n: 2, max_tokens: 1000, stream: true } as const
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }]
  const session = await model.createSession()
  const streams: AsyncIterable<unknown>[] = [
    await startReplies({ model, session, n: 1, wantsTokens: false, trims: true }),
    await chat.completions.create(asked),
    await completions.create({ prompt: ['a', 'b'], max_tokens: 1000, stream: true }),
  ]
  for (const stream of streams) await stream[Symbol.asyncIterator]().return?.()
  for await (const _ of await chat.completions.create(asked)) break // who speaks, and nothing yet
  const { body } = await createFetch(model)('http://page/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(asked),
  })
  await body?.cancel()
  await (await createAISDKModel(model).doStream({ prompt, maxOutputTokens: 1000 })).stream.cancel()
  await expect.poll(alive).toBe(0)
  expect(words()).toBeLessThan(100)
})

test('the cost of replies: contexts count once, times side by side as the longest', () => {
  const summary = (fields: Partial<ReplySummary>) =>
    ({ ids: [1, 2, 3], promptMs: 10, generateMs: 100, ...fields }) as ReplySummary
  const group = (contextTokens: number, reusedTokens: number) => ({
    summaries: [
      summary({ contextTokens, reusedTokens, thoughts: { text: '', tokens: 1 } }),
      summary({ contextTokens, reusedTokens }),
    ],
    readMs: 90,
  })
  expect(costOf([group(30, 10), group(10, 0)])).toEqual({
    contextTokens: 40,
    reusedTokens: 10,
    saidTokens: 12,
    thoughtTokens: 2,
    fedPerSecond: 300, // 30 ids in 100 ms
    saidPerSecond: 80, // two later ids of each of four in 100 ms
  })
  expect(costOf([])).toMatchObject({ contextTokens: 0, fedPerSecond: 0, saidPerSecond: 0 })
})
