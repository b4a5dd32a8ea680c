/** @file Requests that nobody meant: any value under any name. An answer, or a refusal in OpenAI's shape; never a fault of ours. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAISDKModel } from '../../../src/client/ai-sdk.ts'
import { createFetch } from '../../../src/client/openai.ts'
import { createLanguageModel } from '../../../src/client/prompt-api.ts'
import { isRwkvError } from '../../../src/core/errors.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

const { model, alive } = scriptedModel({
  answer: () => ' a<call>{"name":"now"}</call>',
  promptFormat: { ...userAssistantFormat, tools: toolFormat },
})
const names = [
  ...['model', 'stream', 'stream_options', 'n', 'stop', 'seed', 'max_tokens', 'temperature', 'top_p', 'top_k', 'min_p'],
  ...[
    'presence_penalty',
    'frequency_penalty',
    'response_format',
    'json_schema',
    'grammar',
    'guided_json',
    'guided_regex',
  ],
  ...[
    'guided_choice',
    'guided_grammar',
    'structured_outputs',
    'logit_bias',
    'messages',
    'prompt',
    'max_completion_tokens',
  ],
  ...[
    'logprobs',
    'top_logprobs',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'audio',
    'functions',
    'metadata',
    'best_of',
  ],
  ...[
    'role',
    'content',
    'tool_calls',
    'tool_call_id',
    'refusal',
    'type',
    'function',
    'name',
    'arguments',
    'schema',
    'text',
  ],
  ...['choice', 'regex', 'pattern', 'include_usage', 'constructor', '__proto__', 'toString', 'parameters', 'id'],
]
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'user',
    'assistant',
    'tool',
    'system',
    'function',
    'required',
    'auto',
    'json_schema',
    'regex',
  ),
  fc.constantFrom('%', '\ud800', '[', '{"a":1}', 'root ::= "a"', 'scripted', 'text', 'grammar', 'null', '1e999'),
  fc.string({ unit: 'binary', maxLength: 5 }),
)
const { value } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1, 1.5, 1e300, 2 ** 53),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
    tie('object'),
  ),
}))
/** Mostly sound, so that what is odd is met beyond the first check. */
const call = { id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } }
const messages = fc.oneof(
  fc.constant([{ role: 'user', content: 'a' }]),
  fc.array(
    fc.oneof(
      fc.record({ role: text, content: value }),
      fc.record({ role: fc.constant('assistant'), tool_calls: fc.oneof(fc.constant([call]), fc.array(value), value) }),
      value,
    ),
    { maxLength: 3 },
  ),
)
const tools = fc.array(
  fc.record({ type: fc.constant('function'), function: fc.record({ name: text, parameters: value }) }),
  { maxLength: 2 },
)
const request = fc
  .tuple(
    messages,
    fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
    fc.option(fc.record({ tools, tool_choice: value }), { freq: 4 }),
  )
  .map(([messages, odd, more]) => ({ messages, prompt: 'a', ...more, ...odd }))

test('every request is answered, or refused as a fault of the request', async () => {
  const ask = createFetch(model)
  let [taken, refused] = [0, 0]
  const law = fc.asyncProperty(request, fc.constantFrom('chat/completions', 'completions'), async (asked, path) => {
    const { messages, prompt, ...rest } = asked
    const body = JSON.stringify(path === 'completions' ? { prompt, ...rest } : { messages, ...rest })
    const response = await ask(`http://page/v1/${path}`, { method: 'POST', body })
    const answer = await response.text()
    if (response.status === 200) {
      expect(answer).not.toContain('"server_error"')
      taken++
      return
    }
    expect([body, response.status, JSON.parse(answer)]).toEqual([
      body,
      expect.toSatisfy((status) => status === 400 || status === 404),
      { error: expect.objectContaining({ type: 'invalid_request_error', code: expect.any(String) }) },
    ])
    refused++
  })
  await fc.assert(law, { numRuns: 1500, seed: 4 })
  expect(Math.min(taken, refused)).toBeGreaterThan(50)
  await expect.poll(alive).toBe(0)
})

test('every prompt of the Prompt API and the AI SDK is answered, or refused by a name of its draft or ours', async () => {
  const language = createLanguageModel(model)
  const sdk = createAISDKModel(model)
  const prompt = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }]
  let [taken, refused] = [0, 0]
  const law = fc.asyncProperty(value, value, async (input, option) => {
    const session = await language.create()
    const answers = [
      () => session.prompt(input as never),
      () => session.prompt('a', { responseConstraint: option } as never),
      () => language.create({ initialPrompts: input } as never),
      () => sdk.doGenerate({ prompt, stopSequences: option, seed: input } as never),
    ]
    for (const answer of answers)
      try {
        await answer()
        taken++
      } catch (error) {
        // Our own words, or the draft's; a TypeError of the platform is a fault of ours.
        const isOurs =
          error instanceof TypeError && !/^Cannot |is not (a function|iterable)|of (undefined|null)/.test(error.message)
        expect([error, isRwkvError(error) || error instanceof DOMException || isOurs]).toEqual([error, true])
        refused++
      }
    session.destroy()
  })
  await fc.assert(law, { numRuns: 200, seed: 4 })
  expect(Math.min(taken, refused)).toBeGreaterThan(50)
})
