import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ChatRequest, type CompletionRequest, createOpenAI } from '../../../src/client/openai.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

/** A text, and its tokens by what each adds to it; some add nothing until a later one completes a character. */
const reply = fc
  .array(
    fc.constantFrom(
      ...[' ', '\n', 'Hello', ' you', '.', 'é', '😀', '\u3000', '\ufffd', '<', '<call', '<call>', '</call>', '{}'],
      ...['<call>{"name":"now"}</call>', '\n<call>{"name":"now","arguments":{"a":"é"}}</call>', 'stop', 'st'],
    ),
    { maxLength: 8 },
  )
  .map((words) => words.join(''))
const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 })

/** Cut at the given lengths, over and over; 0 is a token without text, and no cut is within a character. */
function cutInto(text: string, lengths: readonly number[]): string[] {
  const characters = Array.from(text)
  const tokens: string[] = []
  for (let i = 0; characters.length > 0; i++) {
    const length = lengths[i % lengths.length] as number
    tokens.push(characters.splice(0, i > 100 ? 9 : length).join(''))
  }
  return tokens
}

const utf8 = (text: string) => [...new TextEncoder().encode(text)]
const way = fc.record({
  n: fc.integer({ min: 1, max: 3 }),
  stop: fc.constantFrom<(string | undefined)[]>(undefined, ' ', '\n', 'stop', 'you', '\u3000'),
  stream: fc.boolean(),
})

/** What a choice says, the texts of its tokens, and their bytes. */
interface Said {
  text: string
  tokens: string
  bytes: number[]
}

describe('the tokens of logprobs add up to what is said', () => {
  const shapes = fc.constantFrom('plain', 'tools', 'forced', 'format')

  test('by a chat: whole or streamed, in each chunk, with stop texts, formats and calls, for each of n', async () => {
    let [calls, trimmed] = [0, 0]
    const law = fc.asyncProperty(reply, cuts, way, shapes, async (text, lengths, { n, stop, stream }, shape) => {
      const { model } = scriptedModel({
        answer: () => text,
        tokensOf: (said) => cutInto(said, lengths),
        promptFormat: { ...userAssistantFormat, tools: toolFormat },
      })
      const tools = [{ type: 'function', function: { name: 'now' } }]
      const request = {
        messages: [{ role: 'user', content: 'Hi' }],
        logprobs: true,
        max_tokens: 1000,
        n,
        stop,
        ...(shape === 'format' && { guided_regex: '.*' }),
        ...((shape === 'tools' || shape === 'forced') && { tools }),
        ...(shape === 'forced' && { tool_choice: 'required' }),
      } as ChatRequest
      const { chat } = createOpenAI(model)
      const all = Array.from({ length: n }, (): Said => ({ text: '', tokens: '', bytes: [] }))
      if (stream) {
        for await (const { choices } of await chat.completions.create({ ...request, stream: true }))
          for (const { index, delta, logprobs } of choices) {
            const said = all[index] as Said
            const told = logprobs?.content ?? []
            said.text += delta.content ?? ''
            said.tokens += told.map(({ token }) => token).join('')
            said.bytes.push(...told.flatMap(({ bytes }) => bytes ?? []))
            expect(said.tokens).toBe(said.text)
            calls += delta.tool_calls?.length ?? 0
          }
      } else {
        const { choices } = await chat.completions.create({ ...request, stream: false })
        for (const { index, message, logprobs } of choices) {
          all[index] = {
            text: message.content ?? '',
            tokens: (logprobs?.content ?? []).map(({ token }) => token).join(''),
            bytes: (logprobs?.content ?? []).flatMap(({ bytes }) => bytes ?? []),
          }
          calls += message.tool_calls?.length ?? 0
        }
      }
      for (const said of all) expect(said).toEqual({ text: said.text, tokens: said.text, bytes: utf8(said.text) })
      // And what is said is what it would be without tokens.
      const { choices } = await chat.completions.create({ ...request, logprobs: false, stream: false })
      expect(all.map((said) => said.text)).toEqual(choices.map(({ message }) => message.content ?? ''))
      if (all.some((said) => said.text !== '' && !text.startsWith(said.text))) trimmed += 1
      if (shape === 'format' && stop === undefined) expect(all[0]?.text).toBe(text)
    })
    await fc.assert(law, { numRuns: 150, seed: 6 })
    expect(Math.min(calls, trimmed)).toBeGreaterThan(10)
  })

  test('by a completion: whole or streamed, in each chunk, and each stands at its offset', async () => {
    const law = fc.asyncProperty(reply, cuts, way, async (text, lengths, { n, stop, stream }) => {
      const { model } = scriptedModel({ answer: () => text, tokensOf: (said) => cutInto(said, lengths) })
      const request = { prompt: ['ab', 'c'], logprobs: 1, max_tokens: 1000, n, stop } as CompletionRequest
      const { completions } = createOpenAI(model)
      const seen: { index: number; text: string; logprobs: { tokens: string[]; text_offset: number[] } | null }[] = []
      if (stream) {
        for await (const { choices } of await completions.create({ ...request, stream: true })) seen.push(...choices)
      } else seen.push(...(await completions.create({ ...request, stream: false })).choices)
      const offsets = Array.from({ length: 2 * n }, (_, index): number => (index < n ? 2 : 1))
      for (const { index, text, logprobs } of seen) {
        expect(logprobs?.tokens.join('')).toBe(text)
        for (const [place, token] of (logprobs?.tokens ?? []).entries()) {
          expect(logprobs?.text_offset[place]).toBe(offsets[index])
          offsets[index] = (offsets[index] as number) + token.length
        }
      }
      const end = stop === undefined ? text.length : `${text}${stop}`.indexOf(stop)
      expect(offsets).toEqual(Array.from({ length: 2 * n }, (_, index) => end + (index < n ? 2 : 1)))
    })
    await fc.assert(law, { numRuns: 80, seed: 6 })
  })
})

test('a stop text is not triggered by the space behind the colon', async () => {
  const { model } = scriptedModel({ answer: () => ' Hello you' })
  const { chat, completions } = createOpenAI(model)
  const messages = [{ role: 'user', content: 'Hi' }] as const
  const { choices } = await chat.completions.create({ messages, stop: ' ' })
  expect(choices[0]?.message.content).toBe('Hello')
  expect((await completions.create({ prompt: 'A:', stop: ' ' })).choices[0]?.text).toBe('')
})
