/** @file What the Prompt API is given, judged as its draft says: prompts as turns, constraints and modes as sampling options. */

import { isObject } from '../../core/kinds.ts'
import type { ReplyFormat, SamplingOptions } from '../../core/protocol.ts'
import type { Turn } from '../shapes/turns.ts'
import type { CreateCoreOptions, Prompt, PromptMessage, PromptOptions, SamplingMode } from './types.ts'

/** A prompt. */
export interface Input {
  readonly turns: readonly Turn[]
  /** What the reply begins with; undefined where nothing is given. */
  readonly prefix: string | undefined
}

const isListOf = (list: unknown, isOne: (one: unknown) => boolean) => Array.isArray(list) && list.every(isOne)

/**
 * The turns of a prompt.
 * @param hasBegun whether something was said before: the system speaks first
 * @throws TypeError, or a DOMException: `SyntaxError` for an invalid prefix, `NotSupportedError` for what is no text
 */
export function readInput(input: Prompt, hasBegun: boolean): Input {
  if (typeof input !== 'string' && !isListOf(input, isObject))
    throw new TypeError('The prompt is neither a text nor a list of messages.')
  const messages: readonly PromptMessage[] =
    typeof input === 'string' || input.length === 0
      ? [{ role: 'user', content: typeof input === 'string' ? input : '' }]
      : input
  const turns = messages.map(({ role, content, prefix }, i): Turn => {
    if (role !== 'system' && role !== 'user' && role !== 'assistant')
      throw new TypeError(`There is no role ${String(role)}. Expected system, user or assistant.`)
    if (prefix && (role !== 'assistant' || i < messages.length - 1))
      throw new DOMException('Only the last message, an assistant’s, may be a prefix.', 'SyntaxError')
    const isFirst = messages.slice(0, i).every((message) => message.role === 'system')
    if (role === 'system' && (hasBegun || !isFirst)) throw new TypeError('The system speaks first, or not at all.')
    return { role, text: textOf(content) }
  })
  const isPrefixed = messages.at(-1)?.prefix === true
  return { turns: isPrefixed ? turns.slice(0, -1) : turns, prefix: isPrefixed ? turns.at(-1)?.text : undefined }
}

function textOf(content: PromptMessage['content']): string {
  if (typeof content === 'string') return content
  if (!isListOf(content, isObject))
    throw new TypeError('The content of a message is neither a text nor a list of parts.')
  return content
    .map(({ type, value }) => {
      if (type !== 'text') throw new DOMException(`These models read text only, not ${type}.`, 'NotSupportedError')
      if (typeof value !== 'string') throw new TypeError('The value of a part of type text is no text.')
      return value
    })
    .join('')
}

/** Why these options cannot be met; undefined if they can. */
export function unmet({
  expectedInputs = [],
  expectedOutputs = [],
  tools = [],
}: CreateCoreOptions): string | undefined {
  const other = [...expectedInputs, ...expectedOutputs].find(({ type }) => type !== 'text')
  if (other) return `These models read and write text only, not ${other.type}.`
  return tools.length > 0 ? 'Tools are called by chat.completions.create, not here.' : undefined
}

/** What a mode makes of the model's own temperature. */
const MODES: Readonly<Record<SamplingMode, number>> = {
  'most-predictable': 0,
  predictable: 0.5,
  balanced: 1,
  default: 1,
  creative: 1.25,
  'most-creative': 1.5,
}

/** Sampling of a session; `own` is the model's. */
export function readSampling(
  { temperature, topK, samplingMode = 'default' }: CreateCoreOptions,
  own: SamplingOptions,
): Partial<SamplingOptions> {
  if (!Object.hasOwn(MODES, samplingMode))
    throw new TypeError(`There is no sampling mode ${samplingMode}. Expected ${Object.keys(MODES).join(', ')}.`)
  return {
    temperature: temperature ?? own.temperature * MODES[samplingMode],
    ...(topK !== undefined && { topK }),
  }
}

/** The form that a constraint asks for. */
export function readConstraint({
  responseConstraint: constraint,
  omitResponseConstraintInput: omits,
}: PromptOptions): ReplyFormat | undefined {
  if (constraint === undefined || constraint === null) {
    if (omits) throw new TypeError('omitResponseConstraintInput is given without a responseConstraint.')
    return undefined
  }
  if (!(constraint instanceof RegExp)) return { type: 'json-schema', schema: constraint }
  const { source, flags } = constraint
  if (!flags.includes('v')) return { type: 'regex', pattern: source, flags }
  throw new DOMException('The flag v of a regular expression is not supported. Write it with u.', 'NotSupportedError')
}
