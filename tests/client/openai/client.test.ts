import OpenAI from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type Completion,
  createFetch,
  type OpenAIShape,
} from '../../../src/client/openai.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

/** OpenAI's own client over a model that says `says`. */
function clientOf(says: string) {
  const { model, ...seen } = scriptedModel({
    answer: () => says,
    promptFormat: { ...userAssistantFormat, tools: toolFormat },
  })
  const client = new OpenAI({
    apiKey: 'none',
    baseURL: 'http://page.test/v1',
    fetch: createFetch(model),
    maxRetries: 0,
  })
  return { client, ...seen }
}

const messages = [{ role: 'user' as const, content: 'Hello!' }]
const model = 'scripted'

describe("OpenAI's client", () => {
  test('reads a whole answer, and a streamed one, as its own', async () => {
    const { client } = clientOf(' Hello there!')
    const { choices, usage } = await client.chat.completions.create({ model, messages })
    expect(choices[0]?.message.content).toBe('Hello there!')
    expect(usage).toMatchObject({ prompt_tokens: 24, completion_tokens: 2 })

    const runner = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const pieces: string[] = []
    runner.on('content', (piece) => pieces.push(piece))
    const whole = await runner.finalChatCompletion()
    expect([pieces.join(''), whole.choices[0]?.finish_reason]).toEqual(['Hello there!', 'stop'])
    expect(whole.usage?.prompt_tokens_details?.cached_tokens).toBe(24) // the same chat was read before

    const { data } = await client.models.list()
    expect(data.map(({ id }) => id)).toEqual(['scripted'])
    const completed = await client.completions.create({ model, prompt: 'Say' })
    expect(completed.choices[0]?.text).toBe(' Hello there!')
  })

  test('calls a tool and gives its result back', async () => {
    const { client, asked } = clientOf(' <call>{"name":"now","arguments":{"zone":"UTC"}}</call>')
    const seen: unknown[] = []
    const now = {
      type: 'function' as const,
      function: {
        name: 'now',
        description: 'Tells the time',
        parameters: { type: 'object', properties: { zone: { type: 'string' } } },
        parse: JSON.parse,
        function: (given: unknown) => {
          seen.push(given)
          return 'noon'
        },
      },
    }
    const runner = client.chat.completions.runTools({ model, messages, tools: [now] }, { maxChatCompletions: 2 })
    await runner.done()
    expect(seen).toEqual([{ zone: 'UTC' }, { zone: 'UTC' }])
    expect(asked[1]?.context).toContain(
      'Assistant: <call>{"name":"now","arguments":{"zone":"UTC"}}</call>\n\nResult: noon\n\nAssistant:',
    )
  })

  test('throws its own errors, with our parameter and sentence', async () => {
    const { client } = clientOf('')
    const failure = await client.chat.completions
      .create({ model, messages, store: true })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError)
    expect(failure).toMatchObject({
      status: 400,
      param: 'store',
      code: 'unsupported_parameter',
      type: 'invalid_request_error',
    })
    await expect(client.chat.completions.create({ model: 'gpt-4', messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    )
  })

  test('ends a stream, and the reply with it', async () => {
    const { client, alive } = clientOf(' word'.repeat(1000))
    const stream = await client.chat.completions.create({ model, messages, stream: true, max_tokens: 1000 })
    let chunks = 0
    for await (const _ of stream) if (++chunks === 3) break
    expect(chunks).toBe(3)
    await expect.poll(alive).toBe(0)
    const aborted = new AbortController()
    const second = client.chat.completions.create({ model, messages, max_tokens: 1000 }, { signal: aborted.signal })
    aborted.abort()
    await expect(second).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    await expect.poll(alive).toBe(0)
  })
})

test('types: answers are of OpenAI’s types, and requests of its types are taken', () => {
  type Create = OpenAIShape['chat']['completions']['create']
  type Complete = OpenAIShape['completions']['create']
  expectTypeOf<ChatCompletion>().toExtend<OpenAI.ChatCompletion>()
  expectTypeOf<ChatCompletionChunk>().toExtend<OpenAI.ChatCompletionChunk>()
  expectTypeOf<Completion>().toExtend<OpenAI.Completion>()
  const takes = (create: Create, complete: Complete) => [
    (request: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<OpenAI.ChatCompletion> => create(request),
    (request: OpenAI.ChatCompletionCreateParamsStreaming): Promise<AsyncIterable<OpenAI.ChatCompletionChunk>> =>
      create(request),
    (request: OpenAI.CompletionCreateParamsNonStreaming): Promise<OpenAI.Completion> => complete(request),
    (message: ChatCompletion['choices'][number]['message']): OpenAI.ChatCompletionMessageParam => message,
  ]
  expectTypeOf(takes).returns.toBeArray()
})
