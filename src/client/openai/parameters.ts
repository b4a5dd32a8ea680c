/** @file The parameters of a request: what each may be, and what it means to a session. The one place where they are judged. */

import {
  checkOptions,
  either,
  fits,
  flag,
  isObject,
  type Kind,
  kind,
  list,
  number,
  object,
  signal,
  type Table,
  text,
  whole,
} from '../../core/kinds.ts'
import type { ReplyFormat, SamplingOptions } from '../../core/protocol.ts'
import { show } from '../../core/show.ts'
import { refusal } from './errors.ts'
import type { ChatRequest, CompletionRequest, CreateOptions, ResponseFormat, SharedParameters } from './types.ts'

/** A request whose parameters are known and in range. */
export interface Parameters {
  readonly sampling: Partial<SamplingOptions>
  readonly n: number
  readonly streams: boolean
  readonly wantsUsage: boolean
  readonly wantsTokens: boolean
}

const bias = number(-100, 100)
const isBiases = (value: unknown) =>
  isObject(value) && Object.entries(value).every(([id, one]) => /^\d+$/.test(id) && bias.accepts(one))

const shared: Table<SharedParameters> = {
  model: text,
  stream: flag,
  stream_options: object,
  n: whole(1, 128),
  stop: either(text, list(text)),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  max_tokens: whole(1, 2 ** 32 - 1),
  temperature: number(0, 2),
  top_p: number(0, 1),
  top_k: whole(0, 2 ** 32 - 1),
  min_p: number(0, 1),
  presence_penalty: number(-2, 2),
  frequency_penalty: number(-2, 2),
  grammar: text,
  guided_json: either(object, text),
  guided_regex: text,
  guided_grammar: text,
  structured_outputs: object,
  logit_bias: kind(`an object from ids of tokens to ${bias.expected}`, isBiases),
}

const chat: Table<ChatRequest> = {
  ...shared,
  messages: kind('a list of at least one message', (value) => Array.isArray(value) && value.length > 0),
  max_completion_tokens: shared.max_tokens,
  logprobs: flag,
  top_logprobs: whole(0, 20),
  response_format: object,
  tools: kind('a list of tools', Array.isArray),
  tool_choice: kind(
    '"none", "auto", "required" or { type: "function", function: { name } }',
    (value) => ['none', 'auto', 'required'].includes(value as string) || isObject(value),
  ),
  parallel_tool_calls: flag,
}

const completion: Table<CompletionRequest> = {
  ...shared,
  prompt: kind('a text, or a list of texts', (value) =>
    Array.isArray(value) ? value.length > 0 : typeof value === 'string',
  ),
  logprobs: whole(0, 20),
}

/** A list or an object without anything in it asks for nothing. */
const isEmpty = (value: unknown) => typeof value === 'object' && Object.keys(value ?? {}).length === 0

/** Parameters of OpenAI's that mean nothing here, each with the reason; some have a value that asks for what is done anyway. */
const unsupported: ReadonlyMap<string, { readonly why: string; readonly harmless?: (value: unknown) => boolean }> =
  new Map(
    Object.entries({
      audio: { why: 'These models read and write text only.' },
      modalities: {
        why: 'These models read and write text only.',
        harmless: (value: unknown) => Array.isArray(value) && value.join() === 'text',
      },
      functions: { why: 'It is deprecated. Use tools.', harmless: isEmpty },
      function_call: { why: 'It is deprecated. Use tool_choice.', harmless: (value: unknown) => value === 'none' },
      metadata: { why: 'Nothing is stored, so there is nothing to label.', harmless: isEmpty },
      moderation: { why: 'There is no moderation model here.' },
      prediction: { why: 'Replies are not drawn against a prediction.' },
      prompt_cache_key: { why: 'What was read before is found by itself.' },
      prompt_cache_options: { why: 'What was read before is found by itself.' },
      prompt_cache_retention: { why: 'What was read before is found by itself.' },
      reasoning_effort: { why: 'These models do not reason before they reply.' },
      safety_identifier: { why: 'There is one user here, the one at this device.' },
      service_tier: {
        why: 'There is no service: the model runs on this device.',
        harmless: (value: unknown) => value === 'auto' || value === 'default',
      },
      store: { why: 'Nothing is stored. Keep the answer yourself.', harmless: (value: unknown) => value === false },
      user: { why: 'There is one user here, the one at this device.' },
      verbosity: { why: 'These models were not taught to be brief or long on demand.' },
      web_search_options: { why: 'Nothing is searched: the model asks no other host.' },
      best_of: { why: 'Use model.bestOf().', harmless: (value: unknown) => value === 1 },
      echo: { why: 'Put the prompt in front of the text yourself.', harmless: (value: unknown) => value === false },
      suffix: {
        why: 'These models go on with a text; they do not fill gaps.',
        harmless: (value: unknown) => value === '',
      },
    }),
  )

const createOptions: Table<CreateOptions> = {
  signal: either(
    signal,
    kind('null', (value) => value === null),
  ),
}

/** Judge what stands beside a request. @throws RwkvError `option/invalid` by name */
export function readSignal(options: CreateOptions | undefined): AbortSignal | undefined {
  return checkOptions('create', createOptions, options).signal ?? undefined
}

/** Judge the parameters of a chat. @throws RwkvError `option/invalid` naming the first that is wrong */
export function readChatParameters(request: ChatRequest, model: string): Parameters {
  check(request, chat, model)
  if (request.messages === undefined || request.messages === null)
    throw refusal('messages', 'missing_required_parameter', 'messages is missing; expected a list of them.')
  const { max_completion_tokens, max_tokens, logprobs, top_logprobs, response_format } = request
  if (max_completion_tokens != null && max_tokens != null)
    throw refusal(
      'max_tokens',
      'invalid_value',
      'max_tokens and max_completion_tokens mean the same; give one of them.',
    )
  if (top_logprobs != null && !logprobs)
    throw refusal('top_logprobs', 'invalid_value', 'top_logprobs is given without logprobs: true; give both.')
  const format = response_format ? replyFormatOf(response_format) : undefined
  return plan(request, max_completion_tokens ?? max_tokens, logprobs ? (top_logprobs ?? 0) : undefined, format)
}

/** Judge the parameters of a completion. @throws RwkvError `option/invalid` naming the first that is wrong */
export function readCompletionParameters(request: CompletionRequest, model: string): Parameters {
  check(request, completion, model)
  return plan(request, request.max_tokens, request.logprobs)
}

function check(request: object, kinds: Readonly<Record<string, Kind>>, model: string): void {
  if (!isObject(request)) throw refusal(null, 'invalid_type', 'The request is no object.')
  for (const [name, value] of Object.entries(request)) {
    if (value === null || value === undefined) continue
    if (Object.hasOwn(kinds, name)) {
      const { expected, accepts } = kinds[name] as Kind
      if (!accepts(value)) throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected ${expected}.`)
      continue
    }
    const known = unsupported.get(name)
    if (known?.harmless?.(value)) continue
    if (known) throw refusal(name, 'unsupported_parameter', `${name} is not supported. ${known.why}`)
    throw refusal(
      name,
      'unknown_parameter',
      `There is no parameter ${name}. Expected ${Object.keys(kinds).join(', ')}.`,
    )
  }
  const { model: asked, stream, stream_options } = request as SharedParameters
  if (asked != null && asked !== model)
    throw refusal(
      'model',
      'model_not_found',
      `The model ${asked} is not loaded; ${model} is. Name it, or leave model out.`,
    )
  for (const name of Object.keys(stream_options ?? {}))
    if (name !== 'include_usage' && name !== 'include_obfuscation')
      throw refusal(
        `stream_options.${name}`,
        'unknown_parameter',
        `There is no option ${name} of a stream. Expected include_usage.`,
      )
  if (stream_options?.include_obfuscation)
    throw refusal(
      'stream_options.include_obfuscation',
      'unsupported_parameter',
      'Nothing travels, so nothing is obfuscated.',
    )
  if (stream_options != null && !stream)
    throw refusal('stream_options', 'invalid_value', 'stream_options is given without stream: true; give both.')
}

function plan(
  request: SharedParameters,
  maxTokens: number | null | undefined,
  logprobs: number | null | undefined,
  asked?: ReplyFormat,
): Parameters {
  const { stop, seed, temperature, top_p, top_k, min_p, presence_penalty, frequency_penalty, logit_bias } = request
  const given: { [name in keyof SamplingOptions]?: SamplingOptions[name] | null | undefined } = {
    maxTokens,
    logprobs,
    format: onlyFormat(request, asked),
    seed,
    temperature,
    topP: top_p,
    topK: top_k,
    minP: min_p,
    presencePenalty: presence_penalty,
    frequencyPenalty: frequency_penalty,
    stop: typeof stop === 'string' ? [stop] : stop,
    logitBias: logit_bias && Object.entries(logit_bias).map(([id, nudge]) => ({ token: Number(id), bias: nudge })),
  }
  return {
    sampling: Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)),
    n: request.n ?? 1,
    streams: request.stream === true,
    wantsUsage: request.stream_options?.include_usage === true,
    wantsTokens: logprobs != null,
  }
}

/**
 * The one format that a request asks for, in OpenAI's words (`asked`), llama.cpp's (`grammar`) or vLLM's.
 * @throws RwkvError `option/invalid` if there are several
 */
function onlyFormat(request: SharedParameters, asked: ReplyFormat | undefined): ReplyFormat | undefined {
  const { json, regex, grammar, ...others } = (request.structured_outputs ?? {}) as Record<string, unknown>
  for (const [name, value] of Object.entries(others))
    if (value !== null && value !== undefined && value !== false)
      throw refusal(
        `structured_outputs.${name}`,
        'unsupported_parameter',
        `There is no ${name} of structured_outputs. Expected json, regex or grammar.`,
      )
  const given = {
    response_format: asked,
    grammar: grammarFormat('grammar', request.grammar),
    guided_json: schemaFormat('guided_json', request.guided_json),
    guided_regex: regexFormat('guided_regex', request.guided_regex),
    guided_grammar: grammarFormat('guided_grammar', request.guided_grammar),
    'structured_outputs.json': schemaFormat('structured_outputs.json', json),
    'structured_outputs.regex': regexFormat('structured_outputs.regex', regex),
    'structured_outputs.grammar': grammarFormat('structured_outputs.grammar', grammar),
  }
  const [first, second] = Object.entries(given).filter(([, format]) => format)
  if (second)
    throw refusal(
      second[0],
      'invalid_value',
      `${first?.[0]} and ${second[0]} both say what a reply is; give one of them.`,
    )
  return first?.[1]
}

/** The value of a parameter that is a text, in a format; undefined where it is left out. */
const ofText =
  (formatOf: (value: string) => ReplyFormat) =>
  (name: string, value: unknown): ReplyFormat | undefined => {
    if (value === null || value === undefined) return undefined
    if (fits(text, value)) return formatOf(value as string)
    throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected ${text.expected}.`)
  }
const grammarFormat = ofText((grammar) => ({ type: 'grammar', grammar }))
const regexFormat = ofText((pattern) => ({ type: 'regex', pattern }))

/** A schema, or the JSON of one. */
function schemaFormat(name: string, value: unknown): ReplyFormat | undefined {
  if (value === null || value === undefined) return undefined
  const schema = typeof value === 'string' ? parsed(value) : value
  if (isObject(schema)) return { type: 'json-schema', schema }
  throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected a JSON Schema, or its JSON.`)
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function replyFormatOf({ type, json_schema, ...rest }: ResponseFormat): ReplyFormat | undefined {
  const [extra] = Object.keys(rest)
  if (extra !== undefined)
    throw refusal(`response_format.${extra}`, 'unknown_parameter', `There is no parameter ${extra} of response_format.`)
  if (type === 'text') return undefined
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema')
    throw refusal(
      'response_format.type',
      'invalid_value',
      `response_format.type is ${show(type)}; expected "text", "json_object" or "json_schema".`,
    )
  if (typeof json_schema?.name !== 'string')
    throw refusal(
      'response_format.json_schema',
      'missing_required_parameter',
      'response_format.json_schema is missing; expected { name, schema }.',
    )
  // Whether it is strict makes no difference: a schema is always kept to.
  return json_schema.schema ? { type: 'json-schema', schema: json_schema.schema } : { type: 'json' }
}
