import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createAISDKModel } from '../../src/client/ai-sdk.ts'
import type { Family } from '../../src/model/version.ts'
import { families } from '../../src/rwkv/v7/families.ts'
import { userAssistantFormat } from '../../src/text/prompt-format.ts'
import { scriptedModel } from '../tools/scripted-model.ts'
import { toolFormat } from './openai/tool-format.ts'

function modelOf(says: string | (() => string)) {
  const promptFormat = { ...userAssistantFormat, tools: toolFormat }
  const answer = typeof says === 'string' ? () => says : says
  const { model, ...seen } = scriptedModel({ answer, promptFormat })
  return { sdk: createAISDKModel(model), ...seen }
}

const prompt: LanguageModelV3CallOptions['prompt'] = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
]
const tool = { type: 'function', name: 'now', inputSchema: { type: 'object' } } as const

async function partsOf(
  sdk: LanguageModelV3,
  options: LanguageModelV3CallOptions,
): Promise<LanguageModelV3StreamPart[]> {
  const parts: LanguageModelV3StreamPart[] = []
  for await (const part of (await sdk.doStream(options)).stream) parts.push(part)
  return parts
}

describe('a language model of the AI SDK', () => {
  test('generates text, with usage and settings', async () => {
    const { sdk, asked } = modelOf('Hello you.')
    const settings = { maxOutputTokens: 9, temperature: 0.5, topP: 0.4, topK: 3, presencePenalty: 1, seed: 7 }
    const { content, finishReason, usage, warnings, response } = await sdk.doGenerate({
      prompt,
      ...settings,
      stopSequences: ['END'],
      responseFormat: { type: 'json', schema: { type: 'string' } },
    })
    expect(content).toEqual([{ type: 'text', text: 'Hello you.' }])
    expect(finishReason).toEqual({ unified: 'stop', raw: 'stop' })
    const total = 'Be kind.\n\nUser: Hi\n\nAssistant:'.length
    expect(usage.inputTokens).toEqual({ total, noCache: total, cacheRead: 0, cacheWrite: undefined })
    expect(usage.outputTokens.total).toBe(2)
    expect([warnings, response?.modelId]).toEqual([[], 'scripted'])
    expect(asked[0]?.sampling).toMatchObject({ maxTokens: 9, temperature: 0.5, topP: 0.4, topK: 3, presencePenalty: 1 })
    expect(asked[0]?.sampling).toMatchObject({
      stop: ['END'],
      format: { type: 'json-schema', schema: { type: 'string' } },
    })
  })

  test('streams the parts in their order, and the same text', async () => {
    const { sdk } = modelOf(' Hello you.')
    const parts = await partsOf(sdk, { prompt, maxOutputTokens: 1 })
    const types = ['stream-start', 'response-metadata', 'text-start', 'text-delta', 'text-end', 'finish']
    expect(parts.map(({ type }) => type)).toEqual(types)
    expect(parts[3]).toMatchObject({ delta: 'Hello' })
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'length' }, usage: { outputTokens: { total: 1 } } })
    expect((await partsOf(sdk, { prompt, includeRawChunks: true })).some(({ type }) => type === 'raw')).toBe(true)
  })

  test('calls tools, and is told what they gave', async () => {
    const { sdk, asked } = modelOf(' Wait.<call>{"name":"now","arguments":{"zone":"UTC"}}</call>')
    const parts = await partsOf(sdk, { prompt, tools: [tool], toolChoice: { type: 'auto' } })
    const call = parts.find((part) => part.type === 'tool-call')
    expect(call).toMatchObject({ toolName: 'now', input: '{"zone":"UTC"}' })
    expect(parts.map(({ type }) => type).slice(-6)).toEqual([
      'text-end',
      'tool-input-start',
      'tool-input-delta',
      'tool-input-end',
      'tool-call',
      'finish',
    ])
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'tool-calls' } })
    const { content } = await sdk.doGenerate({
      tools: [tool],
      prompt: [
        ...prompt,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Wait.' },
            { type: 'tool-call', toolCallId: '1', toolName: 'now', input: { zone: 'UTC' } },
          ],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: '1', toolName: 'now', output: { type: 'json', value: [12] } }],
        },
      ],
    })
    expect(asked.at(-1)?.context).toMatch(
      /Assistant: Wait\.<call>\{"name":"now",.*\}<\/call>\n\nResult: \[12\]\n\nAssistant:$/s,
    )
    expect(content.map(({ type }) => type)).toEqual(['text', 'tool-call'])
  })

  test('tells thoughts as reasoning, in front of the text', async () => {
    const promptFormat = (families[0] as Family).promptFormat
    const { model, asked } = scriptedModel({ answer: () => 'So it is.', thinks: 'Well, hm.', promptFormat })
    const sdk = createAISDKModel(model)
    const thinking = { prompt, providerOptions: { 'rwkv.js': { reasoningEffort: 'low' } } }
    const { content, usage } = await sdk.doGenerate(thinking)
    expect(content).toEqual([
      { type: 'reasoning', text: 'Well, hm.' },
      { type: 'text', text: 'So it is.' },
    ])
    expect(usage.outputTokens).toEqual({ total: 5, text: 3, reasoning: 2 })
    expect(asked[0]?.context).toContain('User: Hi (think a bit)\n\n')
    const parts = await partsOf(sdk, thinking)
    expect(parts.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])).toEqual([
      ...['stream-start', 'response-metadata', 'reasoning-start', 'reasoning-delta', 'reasoning-end'],
      ...['text-start', 'text-delta', 'text-end', 'finish'],
    ])
    expect((await sdk.doGenerate({ prompt })).content.map(({ type }) => type)).toEqual(['text'])
  })

  test('warns of what it cannot do, and refuses what it cannot read', async () => {
    const { sdk } = modelOf(' a')
    const { warnings } = await sdk.doGenerate({
      prompt: [...prompt, { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm' }] }, ...prompt.slice(1)],
      tools: [{ type: 'provider', id: 'any.search', name: 'search', args: {} }],
      providerOptions: { 'rwkv.js': { colour: 1 } },
    })
    const features = warnings.map((warning) => (warning.type === 'unsupported' ? warning.feature : warning.type))
    expect(features).toEqual(['the tool search', 'providerOptions.colour'])
    const file = { type: 'file', mediaType: 'image/png', data: 'AA==' } as const
    await expect(sdk.doGenerate({ prompt: [{ role: 'user', content: [file] }] })).rejects.toThrow(
      /type file is not supp/,
    )
  })

  test('an abort and a cancelled stream end the reply', async () => {
    const { sdk, alive } = modelOf(' word'.repeat(1000))
    const { stream } = await sdk.doStream({ prompt, maxOutputTokens: 1000 })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel()
    const reason = new Error('enough')
    const given = { prompt, abortSignal: AbortSignal.abort(reason) }
    await expect(sdk.doGenerate(given)).rejects.toBe(reason)
    await expect.poll(alive).toBe(0)
  })
})

/** What is used of it, so that types can be checked where it is not installed. */
interface Ai {
  tool(tool: object): object
  jsonSchema(schema: object): object
  stepCountIs(count: number): unknown
  readonly Output: { object(options: object): object }
  generateText(options: object): Promise<{
    text: string
    finishReason: string
    usage: { outputTokens: number }
    steps: readonly unknown[]
    output: unknown
  }>
  streamText(options: object): { readonly textStream: AsyncIterable<string> }
}

const name = 'ai'
const ai: unknown = await import(/* @vite-ignore */ name)

describe('under the package ai itself', () => {
  const { tool: toolOf, jsonSchema, stepCountIs, generateText, streamText, Output } = ai as Ai
  const now = toolOf({
    inputSchema: jsonSchema({ type: 'object', properties: { zone: { type: 'string' } } }),
    execute: async ({ zone }: { zone: string }) => `noon in ${zone}`,
  })

  test('generateText and streamText say what the model says', async () => {
    const { sdk } = modelOf(' Hello you.')
    const { text, finishReason, usage } = await generateText({ model: sdk, prompt: 'Hi', maxOutputTokens: 9 })
    expect([text, finishReason, usage.outputTokens]).toEqual(['Hello you.', 'stop', 2])
    const { textStream } = streamText({ model: sdk, prompt: 'Hi' })
    const pieces: string[] = []
    for await (const piece of textStream) pieces.push(piece)
    expect(pieces).toEqual(['Hello', ' you.'])
  })

  test('a tool is carried out, and the model answers with what it gave', async () => {
    const answers = [' <call>{"name":"now","arguments":{"zone":"UTC"}}</call>', ' It is noon.']
    const { sdk, asked } = modelOf(() => answers.shift() ?? '')
    const { text, steps } = await generateText({
      model: sdk,
      prompt: 'What time is it?',
      tools: { now },
      stopWhen: stepCountIs(3),
    })
    expect([text, steps.length]).toEqual(['It is noon.', 2])
    expect(asked[1]?.context).toMatch(/Result: noon in UTC\n\nAssistant:$/)
  })

  test('an object of a schema is asked for as a format, and read', async () => {
    const { sdk, asked } = modelOf('{"age":7}')
    const schema = jsonSchema({ type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] })
    const { output } = await generateText({ model: sdk, prompt: 'How old?', output: Output.object({ schema }) })
    expect(output).toEqual({ age: 7 })
    expect(asked[0]?.sampling.format).toMatchObject({ type: 'json-schema' })
  })

  test('an abort ends the reply, and an error of ours comes through as it is', async () => {
    const { sdk, alive } = modelOf(' word'.repeat(1000))
    const controller = new AbortController()
    const { textStream } = streamText({ model: sdk, prompt: 'Hi', abortSignal: controller.signal })
    for await (const _ of textStream) controller.abort()
    await expect.poll(alive).toBe(0)
    const failing = generateText({ model: sdk, prompt: 'Hi', temperature: 9, maxRetries: 0 })
    await expect(failing).rejects.toMatchObject({ name: 'RwkvError', code: 'option/invalid' })
  })
})

test('types: it is the interface of the SDK', () => {
  expectTypeOf(createAISDKModel).returns.toExtend<LanguageModelV3>()
})
