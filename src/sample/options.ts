/** @file Sampling options: defaults, ranges, and the one place where they are judged. */

import { RwkvError } from '../core/errors.ts'
import type { SamplingOptions } from '../core/protocol.ts'

/** As users of RWKV know them. */
export const defaultSampling: SamplingOptions = {
  temperature: 1,
  topP: 0.85,
  topK: 0,
  presencePenalty: 0.2,
  frequencyPenalty: 0.2,
  penaltyDecay: 0.996,
  maxTokens: 400,
}

const ranges: Record<keyof SamplingOptions, { least: number; most: number; whole?: true }> = {
  temperature: { least: 0, most: 10 },
  topP: { least: 0, most: 1 },
  topK: { least: 0, most: 2 ** 32 - 1, whole: true },
  presencePenalty: { least: -10, most: 10 },
  frequencyPenalty: { least: -10, most: 10 },
  penaltyDecay: { least: 0, most: 1 },
  maxTokens: { least: 1, most: 2 ** 32 - 1, whole: true },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
}

/**
 * Later layers over earlier ones over the defaults; `undefined` values count as left out.
 * @throws RwkvError `option/invalid` naming the option, the value and its range; unknown names are refused too.
 */
export function resolveSampling(...layers: (Partial<SamplingOptions> | undefined)[]): SamplingOptions {
  const resolved: Record<string, number> = { ...defaultSampling }
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) {
      if (!Object.hasOwn(ranges, name)) {
        throw new RwkvError(
          'option/invalid',
          `There is no sampling option ${name}. Expected ${Object.keys(ranges).join(', ')}.`,
        )
      }
      if (value === undefined) continue
      const { least, most, whole } = ranges[name as keyof SamplingOptions]
      if (!(typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value)))) {
        throw new RwkvError(
          'option/invalid',
          `${name} is ${String(value)}; expected a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`,
        )
      }
      resolved[name] = value
    }
  }
  return resolved as unknown as SamplingOptions
}
