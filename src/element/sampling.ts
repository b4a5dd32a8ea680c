/** @file The element's sampling attributes, and what they mean to a session. */

import type { SamplingOptions } from '../core/protocol.ts'

/** Name of the property and of the engine's option -> name of the attribute. */
export const samplingAttributes = {
  temperature: 'temperature',
  topP: 'top-p',
  topK: 'top-k',
  minP: 'min-p',
  presencePenalty: 'presence-penalty',
  frequencyPenalty: 'frequency-penalty',
  penaltyDecay: 'penalty-decay',
  minTokens: 'min-tokens',
  maxTokens: 'max-tokens',
  seed: 'seed',
} as const satisfies Partial<Record<keyof SamplingOptions, string>>

/** Attributes as Lit sees them: null where there is none, NaN where it is not a number. */
export type SamplingProperties = { readonly [Name in keyof typeof samplingAttributes]: number | null | undefined }

/** Those that are set, over `sampling`. Ranges are judged by the engine, which names what it refuses. */
export function samplingOf(
  properties: SamplingProperties & { readonly sampling?: Partial<SamplingOptions> | undefined },
): Partial<SamplingOptions> {
  const names = Object.keys(samplingAttributes) as (keyof SamplingProperties)[]
  const set = names.flatMap((name) => {
    const value = properties[name]
    return value === null || value === undefined ? [] : [[name, value] as const]
  })
  return { ...properties.sampling, ...Object.fromEntries(set) }
}
