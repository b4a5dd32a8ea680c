/** @file Sampling options as the settings offer them: ranges, presets, and what is written in fields. */

import type { LogitBias, SamplingOptions } from '../../../src/index.ts'

/** Options that are numbers, and change what is said. */
export type NumberOption = Exclude<
  {
    [Name in keyof SamplingOptions]-?: NonNullable<SamplingOptions[Name]> extends number ? Name : never
  }[keyof SamplingOptions],
  'logprobs'
>

/** Least, greatest, and the step of its field: of what helps, where the engine takes more. */
export const numberOptions: Readonly<Record<NumberOption, readonly [number, number, number]>> = {
  temperature: [0, 2, 0.05],
  topP: [0, 1, 0.05],
  topK: [0, 65_536, 1],
  minP: [0, 1, 0.01],
  presencePenalty: [-2, 2, 0.1],
  frequencyPenalty: [-2, 2, 0.1],
  penaltyDecay: [0, 1, 0.001],
  maxTokens: [1, 100_000, 1],
  minTokens: [0, 100_000, 1],
  seed: [0, Number.MAX_SAFE_INTEGER, 1],
}

/** Names of presets. */
export type PresetName = 'model' | 'exact' | 'careful' | 'balanced' | 'lively'

/** What a preset sets; all else is as the model has it. */
export const presets: Readonly<Record<PresetName, Partial<SamplingOptions>>> = {
  model: {},
  exact: { temperature: 0 },
  careful: { temperature: 0.6, topP: 0.4 },
  balanced: { temperature: 1, topP: 0.7 },
  lively: { temperature: 1.3, topP: 0.9 },
}

/** The preset that `sampling` is, if it is one. */
export function presetOf(sampling: Partial<SamplingOptions> = {}): PresetName | undefined {
  const write = (options: object) => JSON.stringify(Object.entries(options).sort())
  return (Object.keys(presets) as PresetName[]).find((name) => write(presets[name]) === write(sampling))
}

/** Lines that are not empty; undefined if there is none. `\n` stands for a line end. */
export function parseLines(written: string): readonly string[] | undefined {
  const lines = written.split('\n').filter((line) => line !== '')
  return lines.length > 0 ? lines.map((line) => line.replaceAll('\\n', '\n')) : undefined
}

/** The reverse of `parseLines`. */
export const writeLines = (lines: readonly string[] = []) =>
  lines.map((line) => line.replaceAll('\n', '\\n')).join('\n')

/** Ids with commas; undefined if there is none, null if it is something else. */
export function parseIds(written: string): readonly number[] | undefined | null {
  const parts = written.split(/[\s,]+/).filter(Boolean)
  if (parts.length === 0) return undefined
  return parts.every((part) => /^\d{1,9}$/.test(part)) ? parts.map(Number) : null
}

/** A token and its bias a line; undefined if there is none, null if a line is something else. */
export function parseBiases(written: string): readonly LogitBias[] | undefined | null {
  const lines = written.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return undefined
  const biases = lines.map((line) => {
    const [, token = '', bias = ''] = /^(.+) (-?\d+(?:\.\d+)?)$/.exec(line) ?? []
    return { token: token.replaceAll('\\n', '\n'), bias: Number(bias) }
  })
  return biases.every(({ token, bias }) => token !== '' && Math.abs(bias) <= 100) ? biases : null
}

/** The reverse of `parseBiases`. */
export const writeBiases = (biases: readonly LogitBias[] = []) =>
  biases.map(({ token, bias }) => `${String(token).replaceAll('\n', '\\n')} ${bias}`).join('\n')
