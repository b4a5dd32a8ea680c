import { describe, expect, test } from 'vitest'
import { type ChatRequest, createOpenAI } from '../../../src/client/openai.ts'
import type { PromptFormat } from '../../../src/core/protocol.ts'
import { families } from '../../../src/rwkv/v7/families.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { modelThat } from '../../tools/thinking-model.ts'

const promptFormat = families[0]?.promptFormat as PromptFormat
const parameters = {
  type: 'object',
  properties: { city: { enum: ['Oslo', 'Rome'] }, days: { type: 'integer', minimum: 1, maximum: 3 } },
  required: ['city', 'days'],
}
const tools = [{ type: 'function', function: { name: 'weather', parameters } }]
const messages = [{ role: 'user', content: 'Will it rain?' }] as const
const told = 'System: Tools:\n- weather(city: "Oslo" | "Rome", days: integer)\nReturn only a JSON function call.\n\n'
const asked = `${told}User: Will it rain?\n\nAssistant:`
const fence = '```'

describe('tools as G1 was taught them', () => {
  test('are told of, called and answered in its words', async () => {
    const { model, asked: contexts } = scriptedModel({ answer: () => ' So it is.', promptFormat })
    const described = [{ type: 'function', function: { ...tools[0]?.function, description: 'The weather to come' } }]
    const call = { id: '1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo","days":1}' } }
    const { choices } = await createOpenAI(model).chat.completions.create({
      messages: [
        { role: 'system', content: 'Be kind.' },
        ...messages,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: '1', content: '{"rain":\n\n1}\n' },
      ],
      tools: described,
    })
    expect(choices[0]?.message.content).toBe('So it is.')
    const list = JSON.stringify({
      name: 'weather',
      description: 'The weather to come',
      arguments: parameters.properties,
    })
    expect(contexts[0]?.context).toBe(
      `System: Be kind.\n\nSystem: Tools:\n[\n${list}\n]\nReturn only a JSON function call.\n\n` +
        `User: Will it rain?\n\nAssistant: ${fence}json\n{"name":"weather","arguments":{"city":"Oslo","days":1}}\n${fence}\n\n` +
        'User: Function output:\n{"rain":\n1}\n\nAssistant:',
    )
  })

  const ask = async (reply: string, options: Partial<ChatRequest> = {}) => {
    const { model, contexts } = modelThat(reply)
    const request = { messages, tools, temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 200 }
    const { choices } = await createOpenAI(model).chat.completions.create({ ...request, ...options, stream: false })
    const [choice] = choices
    return { choice, calls: choice?.message.tool_calls?.map(({ function: called }) => called), contexts: [...contexts] }
  }
  const badCall = '{"name":"weather","arguments":{"city":"Oslo","days":"many"}}'

  test.each<[string, string, Partial<ChatRequest>, string]>([
    ['where the model may call', `>\n${fence}json\n${badCall}\n${fence}\n\nUser: Function`, {}, ' <think></think'],
    ['where it must', ` ${fence}json\n${badCall}\n${fence}`, { tool_choice: 'required' }, ''],
    [
      'where it must and thinks before',
      `>Oslo?</think>\n${fence}json\n${badCall}\n${fence}`,
      { tool_choice: 'required', reasoning_effort: 'medium' },
      ' <think',
    ],
  ])('a call keeps to its schema whatever the model would say, %s', async (_, reply, options, opening) => {
    const { choice, calls, contexts } = await ask(reply, options)
    expect(calls?.map(({ name }) => name)).toEqual(['weather'])
    const { city, days } = JSON.parse(calls?.[0]?.arguments ?? '')
    expect([city, [1, 2, 3].includes(days)]).toEqual(['Oslo', true])
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } })
    expect(choice?.message.reasoning_content).toBe(options.reasoning_effort ? 'Oslo?' : undefined)
    const message = options.reasoning_effort ? asked.replace('rain?', 'rain? (think)') : asked
    expect(contexts).toEqual([message + opening])
  })

  test('where the model may call, it may as well answer, until it would play the user', async () => {
    const { choice, calls } = await ask('>\nIt will.\n\nTake care.\nUser: Thanks')
    expect(calls).toBeUndefined()
    expect(choice).toMatchObject({ finish_reason: 'stop', message: { content: 'It will.\n\nTake care.' } })
    const line = await ask('>\nIt will.\n\nTake care.', { stop: '\n' })
    expect(line.choice).toMatchObject({ finish_reason: 'stop', message: { content: 'It will.' } })
    const cut = await ask('>\nIt will.\n\nTake care.', { max_tokens: 5 })
    expect(cut.choice).toMatchObject({ finish_reason: 'length', message: { content: 'It w' } })
  })
})
