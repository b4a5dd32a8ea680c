import { afterEach, describe, expect, test } from 'vitest'
import { type ChatRequest, type CompletionRequest, createOpenAI, errorBody } from '../../../src/client/openai.ts'
import { RwkvError } from '../../../src/core/errors.ts'
import { userAssistantFormat } from '../../../src/text/prompt-format.ts'
import { scriptedModel } from '../../tools/scripted-model.ts'
import { toolFormat } from './tool-format.ts'

const taught = scriptedModel({ answer: () => ' yes', promptFormat: { ...userAssistantFormat, tools: toolFormat } })
const untaught = scriptedModel({ answer: () => ' yes' })
const messages = [{ role: 'user', content: 'Hello!' }]
const tools = [{ type: 'function', function: { name: 'now' } }]

/** The error that a chat gives; parts of requests are tried that no compiler would let through. */
async function errorOf(request: object, { model } = taught) {
  const create = createOpenAI(model).chat.completions.create
  const error = await create({ messages, ...request } as ChatRequest).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(RwkvError)
  expect(error).toMatchObject({ code: 'option/invalid' })
  const { status, body } = errorBody(error)
  return { status, ...body.error }
}

const message = (fields: object) => ({ messages: [{ role: 'user', content: 'Hello!', ...fields }] })

describe('a request is refused by name', () => {
  test.each<[object, string, string]>([
    [{ colour: 1 }, 'colour', 'unknown_parameter'],
    [{ audio: {} }, 'audio', 'unsupported_parameter'],
    [{ modalities: ['text', 'audio'] }, 'modalities', 'unsupported_parameter'],
    [{ service_tier: 'flex' }, 'service_tier', 'unsupported_parameter'],
    [{ web_search_options: {} }, 'web_search_options', 'unsupported_parameter'],
    [{ user: 'me' }, 'user', 'unsupported_parameter'],
    [{ functions: [{}] }, 'functions', 'unsupported_parameter'],
    [{ metadata: { a: '1' } }, 'metadata', 'unsupported_parameter'],
    [{ min_p: 2 }, 'min_p', 'invalid_value'],
    [{ grammar: 5 }, 'grammar', 'invalid_value'],
    [{ guided_json: '{' }, 'guided_json', 'invalid_value'],
    [{ structured_outputs: { choice: ['a'] } }, 'structured_outputs.choice', 'unsupported_parameter'],
    [{ structured_outputs: { regex: 5 } }, 'structured_outputs.regex', 'invalid_value'],
    [{ grammar: 'root ::= "a"', guided_regex: 'a' }, 'guided_regex', 'invalid_value'],
    [{ response_format: { type: 'json_object' }, guided_json: {} }, 'guided_json', 'invalid_value'],
    [{ n: 0 }, 'n', 'invalid_value'],
    [{ seed: -1 }, 'seed', 'invalid_value'],
    [{ stop: '' }, 'stop', 'invalid_value'],
    [{ stop: ['a', ''] }, 'stop', 'invalid_value'],
    [{ logit_bias: { cat: 1 } }, 'logit_bias', 'invalid_value'],
    [{ logit_bias: { 1: 101 } }, 'logit_bias', 'invalid_value'],
    [{ top_logprobs: 2 }, 'top_logprobs', 'invalid_value'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs', 'invalid_value'],
    [{ max_tokens: 1, max_completion_tokens: 1 }, 'max_tokens', 'invalid_value'],
    [{ stream_options: { include_usage: true } }, 'stream_options', 'invalid_value'],
    [{ stream: true, stream_options: { colour: 1 } }, 'stream_options.colour', 'unknown_parameter'],
    [{ response_format: { type: 'xml' } }, 'response_format.type', 'invalid_value'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema', 'missing_required_parameter'],
    [message({ role: 'king' }), 'messages[0].role', 'invalid_value'],
    [message({ role: 'function' }), 'messages[0].role', 'unsupported_value'],
    [message({ name: 'Ada' }), 'messages[0].name', 'unsupported_parameter'],
    [message({ colour: 1 }), 'messages[0].colour', 'unknown_parameter'],
    [message({ content: null }), 'messages[0].content', 'missing_required_parameter'],
    [message({ content: [{ type: 'input_audio' }] }), 'messages[0].content[0]', 'unsupported_value'],
    [message({ content: [{ type: 'text' }] }), 'messages[0].content[0]', 'invalid_value'],
    [message({ role: 'tool', tool_call_id: 'call_9' }), 'messages[0].tool_call_id', 'invalid_value'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type', 'unsupported_value'],
    [{ tool_choice: 'required' }, 'tool_choice', 'invalid_value'],
    [{ tools, tool_choice: { type: 'function', function: { name: 'then' } } }, 'tool_choice', 'invalid_value'],
    [{ tools, tool_choice: { type: 'allowed_tools' } }, 'tool_choice', 'unsupported_value'],
    [{ tools, response_format: { type: 'json_object' } }, 'response_format', 'unsupported_value'],
  ])('%j', async (request, param, code) => {
    expect(await errorOf(request)).toMatchObject({ status: 400, type: 'invalid_request_error', param, code })
  })

  test('tools, where the model was not taught to call them', async () => {
    const error = await errorOf({ tools }, untaught)
    expect(error).toMatchObject({ param: 'tools', code: 'unsupported_parameter' })
    expect(error.message).toMatch(/was not taught to call tools/)
  })

  test.each([
    [{ prompt: 'a', best_of: 2 }, 'best_of'],
    [{ prompt: 'a', suffix: 'b' }, 'suffix'],
    [{ prompt: 'a', echo: true }, 'echo'],
    [{ prompt: [1, 2] }, 'prompt'],
    [{ prompt: 'a', messages }, 'messages'],
  ])('of a completion: %j', async (request, param) => {
    const create = createOpenAI(taught.model).completions.create
    const error = await create(request as CompletionRequest).catch((reason: unknown) => reason)
    expect(errorBody(error).body.error.param).toBe(param)
  })

  afterEach(() => {
    expect([taught.alive(), untaught.alive(), taught.asked.length]).toEqual([0, 0, 0]) // no session is left, no reply made
  })
})

test('what asks for what is done anyway is taken, and what is null counts as left out', async () => {
  const { model } = scriptedModel({ answer: () => ' yes' })
  const nothing = { audio: null, n: null, tools: [], functions: [], function_call: 'none', metadata: {} }
  const harmless = { store: false, modalities: ['text'], service_tier: 'auto', structured_outputs: {}, ...nothing }
  const request = { messages, ...harmless } as ChatRequest
  const { choices } = await createOpenAI(model).chat.completions.create({ ...request, stream: false })
  expect(choices[0]?.message.content).toBe('yes')
})

test('of a completion, what asks for nothing is taken', async () => {
  const { model } = scriptedModel({ answer: () => ' yes' })
  const request = {
    prompt: 'a',
    best_of: 1,
    echo: false,
    suffix: '',
    metadata: {},
    logprobs: null,
  } as CompletionRequest
  const { choices } = await createOpenAI(model).completions.create({ ...request, stream: false })
  expect(choices[0]?.text).toBe(' yes')
})

const schema = { type: 'object' }
test.each<[object, object]>([
  [{ min_p: 0.1 }, { minP: 0.1 }],
  [{ grammar: 'root ::= "a"' }, { format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  [{ guided_json: schema }, { format: { type: 'json-schema', schema } }],
  [{ guided_json: JSON.stringify(schema) }, { format: { type: 'json-schema', schema } }],
  [{ guided_regex: 'a+' }, { format: { type: 'regex', pattern: 'a+' } }],
  [{ guided_grammar: 'root ::= "a"' }, { format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  [{ structured_outputs: { json: schema, regex: null } }, { format: { type: 'json-schema', schema } }],
  [{ structured_outputs: { regex: 'a+' } }, { format: { type: 'regex', pattern: 'a+' } }],
])("vLLM's and llama.cpp's %j means %j, to chats and completions", async (given, sampling) => {
  const { model, asked } = scriptedModel({ answer: () => ' yes' })
  const { chat, completions } = createOpenAI(model)
  await chat.completions.create({ messages, ...given } as ChatRequest)
  await completions.create({ prompt: 'a', ...given } as CompletionRequest)
  expect(asked.map((one) => one.sampling)).toEqual([
    expect.objectContaining(sampling),
    expect.objectContaining(sampling),
  ])
})

test('faults of the machine are errors of the server, in the same shape', () => {
  const lost = errorBody(new RwkvError('gpu/lost', 'The GPU stopped.'))
  const error = { message: 'The GPU stopped.', type: 'server_error', param: null, code: 'gpu/lost' }
  expect(lost).toEqual({ status: 500, body: { error } })
  expect(errorBody(new RwkvError('option/invalid', 'No.'))).toMatchObject({ status: 400 })
  expect(errorBody('odd').body.error).toMatchObject({ message: 'odd', code: null })
})
