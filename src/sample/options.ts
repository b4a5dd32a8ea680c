/** @file Sampling options: defaults, ranges, and the one place where the engine checks them. */

import {
  checkOptions,
  either,
  isObject,
  kind,
  list,
  number,
  object,
  oneOf,
  shape,
  string,
  type Table,
  text,
  whole,
} from '../core/kinds.ts'
import type { LogitBias, SamplingOptions } from '../core/protocol.ts'

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

const U32 = 2 ** 32 - 1
const id = whole(0, U32) // whether the model has it is judged by `constraint.ts`
const bias = number(-100, 100)

const logitBias = shape<LogitBias>({ token: either(id, text), bias })

const schemas = kind('an object of JSON Schemas', (value) => isObject(value) && Object.values(value).every(isObject))
const format = either(
  shape({ type: oneOf('json') }),
  shape({ type: oneOf('json-schema'), schema: object }),
  shape({ type: oneOf('regex'), pattern: string, flags: string }, 'flags'),
  shape({ type: oneOf('grammar'), grammar: string, schemas }, 'schemas'),
)

const kinds: Table<SamplingOptions> = {
  temperature: number(0, 10),
  topP: number(0, 1),
  topK: whole(0, U32),
  presencePenalty: number(-10, 10),
  frequencyPenalty: number(-10, 10),
  frequencyExempt: list(either(id, text)),
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
  return Object.assign({}, defaultSampling, ...layers.map((layer) => checkOptions('sampling', kinds, layer)))
}
