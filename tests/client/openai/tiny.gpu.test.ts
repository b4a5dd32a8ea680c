import { describe, expect, test } from 'vitest'
import { type ChatMessage, createOpenAI, type OpenAIShape } from '../../../src/client/openai.ts'
import type { Model } from '../../../src/core/protocol.ts'
import type { LoadedModel } from '../../../src/index.ts'
import { withTiny } from '../../tools/tiny-model.ts'

/** What the model says to `text` if it always takes the most probable id, by itself: without a session. */
async function greedy(model: Model, text: string, count: number): Promise<string> {
  const state = await model.createState()
  const said: number[] = []
  await state.feed([0, ...(await model.encode(text))])
  while (said.length < count) {
    const logits = await state.logits()
    const id = logits.indexOf(Math.max(...logits))
    said.push(id)
    await state.feed([id])
  }
  await state.dispose()
  return model.decode(said)
}

describe.each(['engine', 'worker'] as const)('through the %s', (through) => {
  const shapeOf = (model: Model): OpenAIShape => (through === 'worker' ? (model as LoadedModel) : createOpenAI(model))

  test('a chat that is sent again in full reads only what is new, and goes on as the conversation did', () =>
    withTiny(
      async (model) => {
        const { chat } = shapeOf(model)
        const sampling = { temperature: 2, top_p: 1, seed: 5, max_tokens: 8 }
        const messages: ChatMessage[] = [
          { role: 'system', content: `Chat ${through}` },
          { role: 'user', content: 'The first of all questions' },
        ]
        const first = await chat.completions.create({ messages, ...sampling })
        const opened = `Chat ${through}\n\nU:The first of all questions\n\nA:`
        const read = 1 + (await model.encode(opened)).length
        expect(first.usage).toMatchObject({ prompt_tokens: read, prompt_tokens_details: { cached_tokens: 0 } })

        const reply = first.choices[0]?.message.content ?? ''
        messages.push({ role: 'assistant', content: reply }, { role: 'user', content: 'And then?' })
        const second = await chat.completions.create({ messages, ...sampling, max_tokens: 1 })
        const asked = (await model.encode('U:And then?\n\nA:')).length
        const end = (await model.encode('\n\n')).length
        expect(second.usage.prompt_tokens).toBe(read + first.usage.completion_tokens + end + asked)
        expect(second.usage.prompt_tokens - second.usage.prompt_tokens_details.cached_tokens).toBe(asked)

        const session = await model.createSession({ system: `Chat ${through}`, shared: false })
        const options = { sampling: { temperature: 2, topP: 1, seed: 5, maxTokens: 8 } }
        expect((await session.prompt('The first of all questions', options).summary).text.trimStart()).toBe(reply)
        await session.dispose()
      },
      { through },
    ))

  test('a completion goes on with the text as it is, streamed or whole, several side by side', () =>
    withTiny(
      async (model) => {
        const { completions } = shapeOf(model)
        const prompt = ['ab', `Once upon a ${through}`]
        const request = { prompt, temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 5 } as const
        const expected = await Promise.all(prompt.map((text) => greedy(model, text, 5)))
        const { choices, usage } = await completions.create(request)
        expect(choices.map(({ text }) => text)).toEqual(expected)
        expect(usage.completion_tokens).toBe(10)
        const streamed = ['', '']
        for await (const { choices } of await completions.create({ ...request, stream: true }))
          for (const { index, text } of choices) streamed[index] += text
        expect(streamed).toEqual(expected)
      },
      { through },
    ))

  test('what stands between two texts is what the model says behind both, by fillIn and by a suffix', () =>
    withTiny(
      async (model) => {
        const sampling = { temperature: 0, presencePenalty: 0, frequencyPenalty: 0, maxTokens: 5 }
        const expected = await greedy(model, `<P>ab<S>cd ${through}<M>`, 5)
        expect((await model.fillIn('ab', `cd ${through}`, { sampling }).summary).text).toBe(expected)
        const request = { temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 5 } as const
        const { completions } = shapeOf(model)
        const { choices } = await completions.create({ prompt: 'ab', suffix: `cd ${through}`, ...request, n: 2 })
        expect(choices.map(({ text }) => text)).toEqual([expected, expected])
      },
      { through },
    ))
})

test('the tokens of logprobs add up to what is said, of a real model: n, stop texts, formats, half characters', () =>
  withTiny(
    async (model) => {
      const { chat, completions } = model as LoadedModel
      const messages: ChatMessage[] = [{ role: 'user', content: 'Tokens' }]
      const sampling = { temperature: 2, top_p: 1, max_tokens: 24, n: 3, seed: 1 }
      let said = 0
      for (const more of [{}, { stop: ['a', 'e', ' '] }, { guided_regex: ' ?\\w{1,9}é日?' }] as const) {
        const request = { messages, ...sampling, ...more, logprobs: true }
        const { choices } = await chat.completions.create({ ...request, stream: false })
        for (const { message, logprobs } of choices)
          expect(logprobs?.content?.map(({ token }) => token).join('')).toBe(message.content)
        const streamed = Array.from(choices, () => '')
        for await (const chunk of await chat.completions.create({ ...request, stream: true }))
          for (const { index, delta, logprobs } of chunk.choices) {
            streamed[index] += delta.content ?? ''
            expect((logprobs?.content ?? []).map(({ token }) => token).join('')).toBe(delta.content ?? '')
          }
        expect(streamed).toEqual(choices.map(({ message }) => message.content))
        said += streamed.join('').length
        const whole = await completions.create({ prompt: 'ab', ...sampling, ...more, logprobs: 1 })
        for (const { text, logprobs } of whole.choices) expect(logprobs?.tokens.join('')).toBe(text)
      }
      expect(said).toBeGreaterThan(30)
    },
    { through: 'worker' },
  ))

test('a stop text is not triggered by the space behind the colon', () =>
  withTiny(async (model) => {
    const bias = { logitBias: [{ token: ' ', bias: 100 }], frequencyPenalty: 10, penaltyDecay: 1, temperature: 0 }
    const session = await model.createSession({ sampling: { ...bias, maxTokens: 30, stop: [' '] } })
    const { text, finishReason } = await session.prompt('Space').summary
    expect([text.slice(0, 1), text.trim() !== '', finishReason]).toEqual([' ', true, 'stop'])
    await session.append('Space')
    expect((await session.respond().summary).text).toBe('') // behind a text there is no colon
    const [best] = await session.beamSearch('And a search?', { width: 2, steps: 8 })
    expect(best).toMatchObject({ text: ' '.repeat(8), ended: false })
  }))

test('a response_format is kept to, and one that cannot be is refused as OpenAI would', () =>
  withTiny(async (model) => {
    const { chat } = createOpenAI(model)
    const messages: ChatMessage[] = [{ role: 'user', content: 'Who is it?' }]
    const schema = {
      type: 'object',
      properties: { age: { type: 'integer', minimum: 7, maximum: 9 } },
      required: ['age'],
    }
    const wanted = (schema: object) => ({ type: 'json_schema', json_schema: { name: 'person', schema } }) as const
    const { choices } = await chat.completions.create({
      messages,
      response_format: wanted(schema),
      temperature: 2,
      n: 3,
      max_tokens: 40,
    })
    for (const { message, finish_reason } of choices) {
      expect([7, 8, 9]).toContain(JSON.parse(message.content ?? '').age)
      expect(finish_reason).toBe('stop')
    }
    const refused = chat.completions.create({ messages, response_format: wanted({ not: {} }) })
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('not') })
  }))

test('tools are read in the format of the description', () =>
  withTiny(async (model) => {
    const { usage } = await createOpenAI(model).chat.completions.create({
      messages: [{ role: 'user', content: 'What time is it?' }],
      tools: [{ type: 'function', function: { name: 'now' } }],
      max_tokens: 1,
    })
    const context = 'T:{"name":"now"}\n\nU:What time is it?\n\nA:'
    expect(usage.prompt_tokens).toBe(1 + (await model.encode(context)).length)
  }))
