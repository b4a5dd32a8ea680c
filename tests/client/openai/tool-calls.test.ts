import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCallFinder, writeCalls } from '../../../src/client/openai/tool-calls.ts'
import { createOpenAI } from '../../../src/client/openai.ts'
import type { ReplyFormat } from '../../../src/core/protocol.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { accepts, rulesOf } from '../../tools/accepts.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

/** What is found in a reply that comes in these pieces. */
function find(pieces: readonly string[]) {
  const finder = createCallFinder(toolFormat)
  const shown = pieces.map((piece) => finder.push(piece)).join('')
  const { text, calls } = finder.end()
  return { text: shown + text, calls }
}

const now = { name: 'now', arguments: '{"zone":"UTC"}' }
const called = '<call>{"name":"now","arguments":{"zone":"UTC"}}</call>'

describe('calls in a reply', () => {
  test.each([
    ['none', 'a < b', 'a < b', []],
    ['one', called, '', [now]],
    ['two behind a text', `Wait.${called}\n${called}`, 'Wait.', [now, now]],
    ['one whose end was the stop text', called.slice(0, -7), '', [now]],
    ['one without arguments', '<call>{"name":"now"}</call>', '', [{ name: 'now', arguments: '{}' }]],
    ['what is no JSON stays text', 'So: <call>now()</call>', 'So: <call>now()</call>', []],
    [
      'a list of arguments is a call, a number is none',
      '<call>{"name":"now","arguments":1}</call>',
      '<call>{"name":"now","arguments":1}</call>',
      [],
    ],
    ['a cut one stays text', '<call>{"name":"no', '<call>{"name":"no', []],
    ['a mark that never came', 'a<cal', 'a<cal', []],
    [
      'marks within its arguments are part of it',
      '<call>{"name":"a","arguments":{"b":"<call></call>"}}</call> c',
      ' c',
      [{ name: 'a', arguments: '{"b":"<call></call>"}' }],
    ],
  ])('%s', (_, said, text, calls) => {
    expect(find([said])).toEqual({ text, calls })
  })

  test('one whose first mark was said before is the reply from its beginning', () => {
    const finder = createCallFinder(toolFormat, true)
    expect([finder.push('{"name":"now",'), finder.push('"arguments":{"zone":"UTC"}}</call>')]).toEqual(['', ''])
    expect(finder.end()).toMatchObject({ text: '', calls: [now] })
    const cut = createCallFinder(toolFormat, true)
    cut.push('{"name":"no')
    expect(cut.end()).toMatchObject({ text: '{"name":"no', calls: [] })
  })

  test('white space around marks is written, and not needed to find them', () => {
    const fence = { ...toolFormat, callStart: '```json\n', callEnd: '\n```', between: '\n' }
    const json = '{"name":"now","arguments":{"zone":"UTC"}}'
    expect(writeCalls(fence, 'Wait.', [now, now])).toBe(
      `Wait.\n\`\`\`json\n${json}\n\`\`\`\n\`\`\`json\n${json}\n\`\`\``,
    )
    const finder = createCallFinder(fence)
    expect(finder.push(`Wait.\n\`\`\`json ${json}\`\`\``)).toBe('Wait.\n')
    expect(finder.end()).toMatchObject({ calls: [now] })
  })

  test('are found however the reply comes in pieces', () => {
    const part = fc.constantFrom(called, '<call>', '</call>', '<', 'ca', 'll>', ' a ', '{}')
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat({ max: 30 })), (parts, cuts) => {
        const said = parts.join('')
        const places = [...new Set(cuts.filter((cut) => cut < said.length))].sort((a, b) => a - b)
        const pieces = [0, ...places].map((from, i) => said.slice(from, places[i] ?? said.length))
        expect(find(pieces)).toEqual(find([said]))
      }),
    )
  })

  test('are written as they are read', () => {
    const name = fc.string({ minLength: 1 })
    const call = fc.record({
      name,
      arguments: fc.dictionary(fc.string(), fc.jsonValue()).map((given) => JSON.stringify(given)),
    })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1 }), (calls) => {
        fc.pre(!calls.some((one) => JSON.stringify(one).includes('call>')))
        expect(find([writeCalls(toolFormat, '', calls)])).toEqual({ text: '', calls })
      }),
    )
  })
})

describe('tool_choice', () => {
  const tools = ['now', 'then'].map((name) => ({
    type: 'function',
    function: { name, parameters: { type: 'object' } },
  }))
  const ask = async (options: object, says: string) => {
    const { model, asked } = scriptedModel({
      answer: () => says,
      promptFormat: { ...userAssistantFormat, tools: toolFormat },
    })
    const { chat } = createOpenAI(model)
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const { choices } = await chat.completions.create({ messages, tools, ...options })
    return { choice: choices[0], asked: asked[0] }
  }
  test('none: the model is not told of them', async () => {
    const { asked } = await ask({ tool_choice: 'none' }, ' Hello.')
    expect(asked?.context).toBe('User: Hi\n\nAssistant:')
  })

  test.each([
    ['required', 'required', ['now', 'then']],
    ['a name', { type: 'function', function: { name: 'then' } }, ['then']],
  ])('%s: the reply begins as a call and is held to the form of one', async (_, tool_choice, names) => {
    const { choice, asked } = await ask({ tool_choice }, '{"name":"then","arguments":{}}</call>')
    expect(asked?.context).toMatch(/Assistant: <call>$/)
    const rules = rulesOf(asked?.sampling.format as ReplyFormat)
    const calls = ['now', 'then'].map((name) => `{"name":"${name}","arguments":{}}</call>`)
    const others = [` ${called}`, 'Hm.', '', `${calls[1]}${called}`]
    expect([...calls, ...others].filter((said) => accepts(rules, said))).toEqual(
      calls.filter((_, i) => names.includes(['now', 'then'][i] as string)),
    )
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { name: 'then', arguments: '{}' } }] },
    })
  })

  test.each([
    [true, ['', ' again', called]],
    [false, ['']],
  ])('several calls a reply: %s', async (parallel_tool_calls, behind) => {
    const { asked } = await ask({ parallel_tool_calls }, ' Hello.')
    const rules = rulesOf(asked?.sampling.format as ReplyFormat)
    expect(['', ' again', called].filter((said) => accepts(rules, ` Wait.${called}${said}`))).toEqual(behind)
    expect(asked?.sampling.stop).toEqual(['\n\n']) // the prompt format's, which do not count in a format by themselves
  })

  test('a text that is cut says so, though a text may end anywhere', async () => {
    const whole = await ask({ max_tokens: 3 }, ' One two.')
    expect(whole.choice).toMatchObject({ finish_reason: 'stop', message: { content: 'One two.' } })
    const cut = await ask({ max_tokens: 2 }, ' One two.')
    expect(cut.choice).toMatchObject({ finish_reason: 'length', message: { content: 'One two.' } })
  })
})
