import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { readCompletionParameters } from '../../../src/client/openai/parameters.ts'
import { type ChatRequest, type CompletionRequest, createOpenAI, errorBody } from '../../../src/client/openai.ts'
import { RwkvError } from '../../../src/core/errors.ts'
import { defaultSampling } from '../../../src/sample/options.ts'
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
    [{ structured_outputs: { structural_tag: 'a' } }, 'structured_outputs.structural_tag', 'unsupported_parameter'],
    [{ structured_outputs: { choice: 'a' } }, 'structured_outputs.choice', 'invalid_value'],
    [{ guided_choice: [5] }, 'guided_choice', 'invalid_value'],
    [{ min_tokens: -1 }, 'min_tokens', 'invalid_value'],
    [{ top_k: -2 }, 'top_k', 'invalid_value'],
    [{ repetition_penalty: 1.1 }, 'repetition_penalty', 'unsupported_parameter'],
    [{ ignore_eos: true }, 'ignore_eos', 'unsupported_parameter'],
    [{ reasoning_effort: 'low' }, 'reasoning_effort', 'unsupported_parameter'],
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
    [{ response_format: { type: 'regex' } }, 'response_format.pattern', 'missing_required_parameter'],
    [{ response_format: { type: 'grammar', grammar: 5 } }, 'response_format.grammar', 'invalid_value'],
    [{ response_format: { type: 'text', schema: {} } }, 'response_format.schema', 'unknown_parameter'],
    [{ response_format: { type: 'constructor' } }, 'response_format.type', 'invalid_value'],
    [message({ role: 'assistant', tool_calls: 5 }), 'messages[0].tool_calls', 'invalid_type'],
    [message({ role: 'assistant', tool_calls: [null] }), 'messages[0].tool_calls[0]', 'unsupported_value'],
    [message({ role: 'king' }), 'messages[0].role', 'invalid_value'],
    [message({ role: 'function' }), 'messages[0].role', 'unsupported_value'],
    [message({ name: 'Ada' }), 'messages[0].name', 'unsupported_parameter'],
    [message({ colour: 1 }), 'messages[0].colour', 'unknown_parameter'],
    [message({ content: null }), 'messages[0].content', 'missing_required_parameter'],
    [message({ content: [{ type: 'input_audio' }] }), 'messages[0].content[0]', 'unsupported_value'],
    [message({ content: [{ type: 'text' }] }), 'messages[0].content[0]', 'invalid_value'],
    [message({ role: 'tool', tool_call_id: 'call_9' }), 'messages[0].tool_call_id', 'invalid_value'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type', 'unsupported_value'],
    [
      { tools: [{ type: 'function', function: { name: 'a', parameters: 'b' } }] },
      'tools[0].function.parameters',
      'invalid_type',
    ],
    [
      { tools: [{ type: 'function', function: { name: 'a', description: 5 } }] },
      'tools[0].function.description',
      'invalid_type',
    ],
    [{ tool_choice: 'required' }, 'tool_choice', 'invalid_value'],
    [{ tools, tool_choice: { type: 'function', function: { name: 'then' } } }, 'tool_choice', 'invalid_value'],
    [{ tools, tool_choice: { type: 'allowed_tools' } }, 'tool_choice', 'unsupported_value'],
    [{ tools, response_format: { type: 'json_object' } }, 'response_format', 'unsupported_value'],
    [{ tools, guided_regex: 'a' }, 'guided_regex', 'unsupported_value'],
    [
      { tools, tool_choice: 'required', structured_outputs: { grammar: 'root ::= "a"' } },
      'structured_outputs.grammar',
      'unsupported_value',
    ],
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
    [{ prompt: 'a', best_of: 3, n: 2 }, 'best_of'],
    [{ prompt: 'a', suffix: 'b' }, 'suffix'],
    [{ prompt: 'a', suffix: 5 }, 'suffix'],
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

/** Values that ask for nothing, or for what is done anyway: of both, of a chat, and of a completion. */
const forNothing = {
  metadata: {},
  n: 1,
  stop: [],
  logit_bias: {},
  presence_penalty: 0,
  user: '',
  stream_options: { include_usage: false },
  grammar: '',
  guided_json: '',
  guided_regex: '',
  guided_choice: [],
  guided_grammar: '',
  response_format: { type: 'text' },
  structured_outputs: { json: null, json_object: false, regex: '', choice: [], whitespace_pattern: null },
  top_k: -1,
  min_p: 0,
  min_tokens: 0,
  repetition_penalty: 1,
  repeat_penalty: 1,
  typical_p: 1,
  ignore_eos: false,
  use_beam_search: false,
}
const chatForNothing = {
  logprobs: false,
  top_logprobs: 0,
  tools: [],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  functions: [],
  function_call: 'auto',
  modalities: ['text'],
  service_tier: 'default',
  store: false,
  reasoning_effort: 'none',
  verbosity: 'medium',
  prompt_cache_key: '',
  safety_identifier: '',
}
const completionForNothing = { best_of: 1, echo: false, suffix: '', logprobs: false }

describe('what asks for nothing', () => {
  const asNull = (values: object) => Object.fromEntries(Object.keys(values).map((name) => [name, null]))

  test.each([
    ...Object.entries({ ...forNothing, ...chatForNothing }).map(([name, value]) => ({ [name]: value })),
    { ...forNothing, ...chatForNothing },
    asNull({ ...forNothing, ...chatForNothing, audio: 1, prediction: 1, web_search_options: 1 }),
  ])('is taken by a chat: %j', async (values) => {
    const { model, asked } = scriptedModel({ answer: () => ' yes' })
    const { choices } = await createOpenAI(model).chat.completions.create({
      messages,
      ...(values as object),
      stream: false,
    } as ChatRequest & { stream: false })
    expect(choices[0]?.message.content).toBe('yes')
    expect(asked[0]?.sampling).toEqual({
      ...defaultSampling,
      ...('presence_penalty' in values && {
        presencePenalty: values.presence_penalty ?? defaultSampling.presencePenalty,
      }),
      ...('stop' in values && values.stop && { stop: [] }),
      ...('logit_bias' in values && values.logit_bias && { logitBias: [] }),
    })
  })

  test.each([
    ...Object.entries({ ...forNothing, ...completionForNothing }).map(([name, value]) => ({ [name]: value })),
    { ...forNothing, ...completionForNothing },
    { n: 2, best_of: 2 },
    asNull({ ...forNothing, ...completionForNothing }),
  ])('is taken by a completion: %j', async (values) => {
    const { model } = scriptedModel({ answer: () => ' yes' })
    const request = { prompt: 'a', ...values } as CompletionRequest & { stream: false }
    const { choices } = await createOpenAI(model).completions.create(request)
    expect(choices[0]?.text).toBe(' yes')
    expect(choices[0]?.logprobs).toBe(null)
  })

  test('is taken in messages, as answers have it', async () => {
    const { model, asked } = scriptedModel({ answer: () => ' yes' })
    const said = { role: 'assistant', content: 'Hi', refusal: null, annotations: [], audio: null, tool_calls: null }
    const request = { messages: [...messages, { ...said, reasoning_content: null }, ...messages] }
    await createOpenAI(model).chat.completions.create(request as unknown as ChatRequest)
    expect(asked).toHaveLength(1)
  })
})

const schema = { type: 'object' }
const ofSchema = { format: { type: 'json-schema', schema } }
test.each<[object, object]>([
  [{ min_p: 0.1 }, { minP: 0.1 }],
  [{ min_tokens: 3 }, { minTokens: 3 }],
  [{ top_k: -1 }, { topK: 0 }],
  [{ json_schema: schema }, ofSchema],
  [{ response_format: { type: 'json_object', schema } }, ofSchema],
  [{ response_format: { type: 'json_schema', schema } }, ofSchema],
  [{ response_format: { type: 'json_schema', json_schema: { schema } } }, ofSchema],
  [{ response_format: { type: 'json_object' } }, { format: { type: 'json' } }],
  [{ response_format: { type: 'regex', pattern: 'a+' } }, { format: { type: 'regex', pattern: 'a+' } }],
  [
    { response_format: { type: 'grammar', grammar: 'root ::= "a"' } },
    { format: { type: 'grammar', grammar: 'root ::= "a"' } },
  ],
  [{ guided_choice: ['a|b', '1.5'] }, { format: { type: 'regex', pattern: 'a\\|b|1\\.5' } }],
  [{ structured_outputs: { choice: ['yes', 'no'] } }, { format: { type: 'regex', pattern: 'yes|no' } }],
  [{ structured_outputs: { json_object: true } }, { format: { type: 'json' } }],
  [{ structured_outputs: { grammar: 'root ::= "a"' } }, { format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  [{ grammar: 'root ::= "a"' }, { format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  [{ guided_json: schema }, { format: { type: 'json-schema', schema } }],
  [{ guided_json: JSON.stringify(schema) }, { format: { type: 'json-schema', schema } }],
  [{ guided_regex: 'a+' }, { format: { type: 'regex', pattern: 'a+' } }],
  [{ guided_grammar: 'root ::= "a"' }, { format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  [{ structured_outputs: { json: schema, regex: null } }, { format: { type: 'json-schema', schema } }],
  [{ structured_outputs: { regex: 'a+' } }, { format: { type: 'regex', pattern: 'a+' } }],
])("OpenAI's, vLLM's and llama.cpp's %j means %j, to chats and completions", async (given, sampling) => {
  const { model, asked } = scriptedModel({ answer: () => ' yes' })
  const { chat, completions } = createOpenAI(model)
  await chat.completions.create({ messages, ...given } as ChatRequest)
  await completions.create({ prompt: 'a', ...given } as CompletionRequest)
  expect(asked.map((one) => one.sampling)).toEqual([
    expect.objectContaining(sampling),
    expect.objectContaining(sampling),
  ])
})

test('a choice is one of the texts as they stand, whatever is in them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.string(),
      (texts, other) => {
        const { sampling } = readCompletionParameters({ guided_choice: texts } as never, 'scripted')
        const { pattern } = sampling.format as { pattern: string }
        const all = new RegExp(`^(?:${pattern})$`, 'u')
        for (const text of texts) expect(all.test(text)).toBe(true)
        expect(all.test(other)).toBe(texts.includes(other))
      },
    ),
  )
})

test('faults of the machine are errors of the server, in the same shape', () => {
  const lost = errorBody(new RwkvError('gpu/lost', 'The GPU stopped.'))
  const error = { message: 'The GPU stopped.', type: 'server_error', param: null, code: 'gpu/lost' }
  expect(lost).toEqual({ status: 500, body: { error } })
  expect(errorBody(new RwkvError('option/invalid', 'No.'))).toMatchObject({ status: 400 })
  expect(errorBody('odd').body.error).toMatchObject({ message: 'odd', code: null })
})
