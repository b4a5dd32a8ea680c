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
  oneOf,
  signal,
  string,
  type Table,
  text,
  whole,
} from '../../core/kinds.ts'
import type { ReplyFormat, SamplingOptions } from '../../core/protocol.ts'
import { show } from '../../core/show.ts'
import { refusal } from './errors.ts'
import { efforts } from './thinking.ts'
import type { ChatRequest, CompletionRequest, CreateOptions, ResponseFormat, SharedParameters } from './types.ts'

/** A request whose parameters are known and in range. */
export interface Parameters {
  readonly sampling: Partial<SamplingOptions>
  readonly n: number
  readonly streams: boolean
  readonly wantsUsage: boolean
  readonly wantsTokens: boolean
  /** The parameter that asks for the format of `sampling`, if one does. */
  readonly formatName: string | undefined
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
  top_k: whole(-1, 2 ** 32 - 1),
  min_p: number(0, 1),
  min_tokens: whole(0, 2 ** 32 - 1),
  presence_penalty: number(-2, 2),
  frequency_penalty: number(-2, 2),
  response_format: object,
  json_schema: object,
  grammar: string,
  guided_json: either(object, string),
  guided_regex: string,
  guided_choice: list(string),
  guided_grammar: string,
  structured_outputs: object,
  logit_bias: kind(`an object from ids of tokens to ${bias.expected}`, isBiases),
}

const chat: Table<ChatRequest> = {
  ...shared,
  messages: kind('a list of at least one message', (value) => Array.isArray(value) && value.length > 0),
  max_completion_tokens: shared.max_tokens,
  logprobs: flag,
  top_logprobs: whole(0, 20),
  reasoning_effort: oneOf(...efforts),
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
  suffix: string,
  logprobs: either(
    whole(0, 20),
    kind('false', (value) => value === false),
  ),
}

/** A list or an object without anything in it asks for nothing. */
const isEmpty = (value: unknown) => typeof value === 'object' && Object.keys(value ?? {}).length === 0

const among =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value)

/** A parameter that means nothing here: why, and which values ask for what is done anyway. */
interface Unsupported {
  readonly why: string
  readonly harmless?: (value: unknown, request: SharedParameters) => boolean
}

/** Parameters of OpenAI's, and of servers that speak its language. */
const unsupported: ReadonlyMap<string, Unsupported> = new Map(
  Object.entries({
    audio: { why: 'These models read and write text only.' },
    modalities: {
      why: 'These models read and write text only.',
      harmless: (value: unknown) => Array.isArray(value) && value.join() === 'text',
    },
    functions: { why: 'It is deprecated. Use tools.', harmless: isEmpty },
    function_call: { why: 'It is deprecated. Use tool_choice.', harmless: among('none', 'auto') },
    metadata: { why: 'Nothing is stored, so there is nothing to label.', harmless: isEmpty },
    moderation: { why: 'There is no moderation model here.' },
    prediction: { why: 'Replies are not drawn against a prediction.' },
    prompt_cache_key: { why: 'What was read before is found by itself.', harmless: among('') },
    prompt_cache_options: { why: 'What was read before is found by itself.', harmless: isEmpty },
    prompt_cache_retention: { why: 'What was read before is found by itself.' },
    safety_identifier: { why: 'There is one user here, the one at this device.', harmless: among('') },
    service_tier: {
      why: 'There is no service: the model runs on this device.',
      harmless: among('auto', 'default'),
    },
    store: { why: 'Nothing is stored. Keep the answer yourself.', harmless: among(false) },
    user: { why: 'There is one user here, the one at this device.', harmless: among('') },
    verbosity: { why: 'These models were not taught to be brief or long on demand.', harmless: among('medium') },
    web_search_options: { why: 'Nothing is searched: the model asks no other host.' },
    best_of: {
      why: 'Use model.bestOf().',
      harmless: (value, { n }) => value === (n ?? 1), // all are given
    },
    echo: { why: 'Put the prompt in front of the text yourself.', harmless: among(false) },
    repetition_penalty: { why: 'Use presence_penalty and frequency_penalty.', harmless: among(1) },
    repeat_penalty: { why: 'Use presence_penalty and frequency_penalty.', harmless: among(1) },
    typical_p: { why: 'Use top_p and min_p.', harmless: among(1) },
    ignore_eos: { why: 'Use min_tokens.', harmless: among(false) },
    use_beam_search: { why: 'Use session.beamSearch().', harmless: among(false) },
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
  const { max_completion_tokens, max_tokens, logprobs, top_logprobs } = request
  if (max_completion_tokens != null && max_tokens != null)
    throw refusal(
      'max_tokens',
      'invalid_value',
      'max_tokens and max_completion_tokens mean the same; give one of them.',
    )
  if (top_logprobs && !logprobs)
    throw refusal('top_logprobs', 'invalid_value', 'top_logprobs is given without logprobs: true; give both.')
  return plan(request, max_completion_tokens ?? max_tokens, logprobs ? (top_logprobs ?? 0) : undefined)
}

/** Judge the parameters of a completion. @throws RwkvError `option/invalid` naming the first that is wrong */
export function readCompletionParameters(request: CompletionRequest, model: string): Parameters {
  check(request, completion, model)
  const { max_tokens, logprobs } = request
  return plan(request, max_tokens, logprobs === false ? undefined : logprobs)
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
    if (known?.harmless?.(value, request)) continue
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
  if (stream_options?.include_usage && !stream)
    throw refusal('stream_options', 'invalid_value', 'stream_options is given without stream: true; give both.')
}

function plan(
  request: SharedParameters,
  maxTokens: number | null | undefined,
  logprobs: number | null | undefined,
): Parameters {
  const { stop, seed, temperature, top_p, top_k, min_p, min_tokens } = request
  const { presence_penalty, frequency_penalty, logit_bias } = request
  const [formatName, format] = onlyFormat(request) ?? []
  const given: { [name in keyof SamplingOptions]?: SamplingOptions[name] | null | undefined } = {
    maxTokens,
    logprobs,
    format,
    seed,
    temperature,
    topP: top_p,
    topK: top_k === -1 ? 0 : top_k, // vLLM's "all"
    minP: min_p,
    minTokens: min_tokens,
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
    formatName,
  }
}

/** Reads a value that asks for a format; gives nothing where it asks for none. */
type ReadFormat = (name: string, value: unknown) => ReplyFormat | undefined

/**
 * The one format that a request asks for, in OpenAI's words, llama.cpp's or vLLM's, and the parameter that does.
 * @throws RwkvError `option/invalid` if there are several
 */
function onlyFormat(request: SharedParameters): readonly [name: string, format: ReplyFormat] | undefined {
  const outputs = (request.structured_outputs ?? {}) as Readonly<Record<string, unknown>>
  for (const [name, value] of Object.entries(outputs))
    if (!Object.hasOwn(structuredOutputs, name) && value !== null && value !== undefined && value !== false)
      throw refusal(
        `structured_outputs.${name}`,
        'unsupported_parameter',
        `There is no ${name} of structured_outputs. Expected ${Object.keys(structuredOutputs).join(', ')}.`,
      )
  const asked = [
    ...formatsIn(request as Readonly<Record<string, unknown>>, formatParameters, ''),
    ...formatsIn(outputs, structuredOutputs, 'structured_outputs.'),
  ]
  const [first, second] = asked
  if (first && second)
    throw refusal(
      second[0],
      'invalid_value',
      `${first[0]} and ${second[0]} both say what a reply is; give one of them.`,
    )
  return first
}

function formatsIn(
  given: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, ReadFormat>>,
  prefix: string,
): (readonly [string, ReplyFormat])[] {
  return Object.entries(known).flatMap(([name, read]) => {
    const value = given[name]
    const format = value === null || value === undefined || value === '' ? undefined : read(prefix + name, value)
    return format ? [[prefix + name, format] as const] : []
  })
}

const ofText =
  (formatOf: (value: string) => ReplyFormat): ReadFormat =>
  (name, value) => {
    if (fits(text, value)) return formatOf(value as string)
    throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected ${text.expected}.`)
  }
const grammarFormat = ofText((grammar) => ({ type: 'grammar', grammar }))
const regexFormat = ofText((pattern) => ({ type: 'regex', pattern }))

/** A schema, or the JSON of one. */
const schemaFormat: ReadFormat = (name, value) => {
  const schema = typeof value === 'string' ? parsed(value) : value
  if (isObject(schema)) return { type: 'json-schema', schema }
  throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected a JSON Schema, or its JSON.`)
}

/** One of several texts, as it stands; of none: whatever there is. */
const choiceFormat: ReadFormat = (name, value) => {
  if (!fits(list(string), value))
    throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected a list of texts.`)
  const texts = (value as readonly string[]).map((choice) => choice.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return texts.length > 0 ? { type: 'regex', pattern: texts.join('|') } : undefined
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** What `response_format` may be, by its type: the members beside it, and the format. */
const responseFormats: Readonly<Record<string, Readonly<Record<string, ReadFormat>>>> = {
  text: {},
  json_object: { schema: schemaFormat },
  json_schema: { json_schema: schemaOf, schema: schemaFormat },
  regex: { pattern: regexFormat },
  grammar: { grammar: grammarFormat },
}

const responseFormat: ReadFormat = (name, value) => {
  const { type, ...rest } = value as ResponseFormat
  const known = Object.hasOwn(responseFormats, String(type)) ? responseFormats[type] : undefined
  if (!known)
    throw refusal(
      `${name}.type`,
      'invalid_value',
      `${name}.type is ${show(type)}; expected ${Object.keys(responseFormats).map(show).join(', ')}.`,
    )
  const [extra] = Object.keys(rest).filter((member) => !Object.hasOwn(known, member))
  if (extra !== undefined)
    throw refusal(`${name}.${extra}`, 'unknown_parameter', `There is no ${extra} of a ${name} of type ${type}.`)
  const [first] = formatsIn(rest, known, `${name}.`)
  if (first || type === 'text') return first?.[1]
  if (type === 'json_object') return { type: 'json' }
  const [member] = Object.keys(known)
  throw refusal(`${name}.${member}`, 'missing_required_parameter', `${name}.${member} is missing.`)
}

/** Of `{ name, schema }`. Whether it is strict makes no difference: a schema is always kept to. */
function schemaOf(name: string, value: unknown): ReplyFormat {
  const { schema } = (isObject(value) ? value : {}) as { readonly schema?: unknown }
  if (!isObject(value)) throw refusal(name, 'invalid_value', `${name} is ${show(value)}; expected { name, schema }.`)
  return schema ? (schemaFormat(`${name}.schema`, schema) as ReplyFormat) : { type: 'json' }
}

const formatParameters: Readonly<Record<string, ReadFormat>> = {
  response_format: responseFormat,
  json_schema: schemaFormat,
  grammar: grammarFormat,
  guided_json: schemaFormat,
  guided_regex: regexFormat,
  guided_choice: choiceFormat,
  guided_grammar: grammarFormat,
}

const structuredOutputs: Readonly<Record<string, ReadFormat>> = {
  json: schemaFormat,
  json_object: (_, value) => (value === true ? { type: 'json' } : undefined),
  regex: regexFormat,
  choice: choiceFormat,
  grammar: grammarFormat,
}
