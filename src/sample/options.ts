/** @file Sampling options: defaults, ranges, and the one place where they are judged. */

import { RwkvError } from '../core/errors.ts'
import type { SamplingOptions } from '../core/protocol.ts'
import { show } from '../core/show.ts'

/** As users of RWKV know them. */
export const defaultSampling: SamplingOptions = {
  temperature: 1,
  topP: 0.85,
  topK: 0,
  presencePenalty: 0.2,
  frequencyPenalty: 0.2,
  penaltyDecay: 0.996,
  minP: 0,
  maxTokens: 400,
  minTokens: 0,
}

/** What an option may be. */
interface Kind {
  /** For messages: `expected …`. */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

const number = (least: number, most: number): Kind => ({
  expected: `a number from ${least} to ${most}`,
  accepts: (value) => typeof value === 'number' && value >= least && value <= most,
})

const whole = (least: number, most: number): Kind => ({
  expected: `a whole number from ${least} to ${most}`,
  accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
})

const list = (one: Kind, least = 0): Kind => ({
  expected: `a list of ${least > 0 ? `at least ${least}` : 'any number'} of: ${one.expected}`,
  accepts: (value) => Array.isArray(value) && value.length >= least && value.every(one.accepts),
})

const U32 = 2 ** 32 - 1
const id = whole(0, U32) // whether the model has it is judged by `constraint.ts`
const bias = number(-100, 100)

const text: Kind = {
  expected: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
}

const logitBias: Kind = {
  expected: `{ token: an id or a text that is not empty, bias: ${bias.expected} }`,
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const { token, bias: nudge } = value as { token?: unknown; bias?: unknown }
    return (id.accepts(token) || text.accepts(token)) && bias.accepts(nudge)
  },
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const isText = (value: unknown) => typeof value === 'string'

/** What the members of each type of format may be. */
const FORMATS: ReadonlyMap<unknown, Readonly<Record<string, (value: unknown) => boolean>>> = new Map([
  ['json', {}],
  ['json-schema', { schema: isObject }],
  ['regex', { pattern: isText, flags: (value: unknown) => value === undefined || isText(value) }],
  ['grammar', { grammar: isText }],
])

const format: Kind = {
  expected:
    "{ type: 'json' }, { type: 'json-schema', schema: an object }, { type: 'regex', pattern: a text, flags: a text or left out } or { type: 'grammar', grammar: a text }",
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const { type, ...rest } = value as { type?: unknown; [name: string]: unknown }
    const members = FORMATS.get(type)
    if (!members || !Object.keys(rest).every((name) => Object.hasOwn(members, name))) return false
    return Object.entries(members).every(([name, accepts]) => accepts(rest[name]))
  },
}

const kinds: Record<keyof SamplingOptions, Kind> = {
  temperature: number(0, 10),
  topP: number(0, 1),
  topK: whole(0, U32),
  presencePenalty: number(-10, 10),
  frequencyPenalty: number(-10, 10),
  penaltyDecay: number(0, 1),
  minP: number(0, 1),
  maxTokens: whole(1, U32),
  minTokens: whole(0, U32),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  logitBias: list(logitBias),
  allowedIds: list(id, 1),
  bannedIds: list(id),
  stop: list(text),
  logprobs: whole(0, 20),
  format,
}

/**
 * Later layers over earlier ones over the defaults; `undefined` values count as left out.
 * @throws RwkvError `option/invalid` naming the option, the value and its range; unknown names are refused too.
 */
export function resolveSampling(...layers: (Partial<SamplingOptions> | undefined)[]): SamplingOptions {
  const resolved: Record<string, unknown> = { ...defaultSampling }
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) {
      if (!Object.hasOwn(kinds, name)) {
        throw new RwkvError(
          'option/invalid',
          `There is no sampling option ${name}. Expected ${Object.keys(kinds).join(', ')}.`,
        )
      }
      if (value === undefined) continue
      const { expected, accepts } = kinds[name as keyof typeof kinds]
      if (!accepts(value)) throw new RwkvError('option/invalid', `${name} is ${show(value)}; expected ${expected}.`)
      resolved[name] = value
    }
  }
  return resolved as unknown as SamplingOptions
}
