/** @file The ratios of issue and README by their names, each from what the contestants took in the same round. */

import type { Cost, Costs } from './rounds.ts'
import { type Summary, summarize } from './statistics.ts'

/** What one token is, for the ratios that compare tokens with bytes and FLOP. */
export interface TokenSize {
  /** GB of f32 weights that a single step reads. */
  readonly stepGB: number
  /** GFLOP a token of a prompt of `PROMPT_LENGTH` ids: the products of all matrices, the head's once. */
  readonly promptGFLOP: number
}

/** Ids of the prompt that is measured. */
export const PROMPT_LENGTH = 128

const Q8_BYTES = 36 / 32 // a weight: a block has a scale

/** top ÷ bottom; each is a contestant, or the fastest in the round of all whose names begin so. */
interface Ratio {
  readonly top: string
  readonly bottom: string
  readonly factor?: (token: TokenSize) => number
  /** Default: CPU time, which another thread does not make less. */
  readonly clock?: keyof Cost
}

/** Names, and which contestants they take. */
export const ratios: Readonly<Record<string, Ratio>> = {
  streaming: { top: 'streaming', bottom: 'ours-f32', factor: ({ stepGB }) => stepGB },
  q8OverF32: { top: 'ours-q8', bottom: 'ours-f32' },
  q4OverF32: { top: 'ours-q4', bottom: 'ours-f32' },
  streamingQ8: { top: 'streaming', bottom: 'ours-q8', factor: ({ stepGB }) => (stepGB / 4) * Q8_BYTES },
  oursOverOrtWasm: { top: 'ours-f32', bottom: 'ort-wasm' },
  oursQ8OverOrtWasm: { top: 'ours-q8', bottom: 'ort-wasm' },
  oursQ8OverWllama: { top: 'ours-q8', bottom: 'wllama-q8' },
  prefillQ8OverWllama: { top: 'prefill-q8', bottom: 'prefill-wllama-q8' },
  oneThreadOverTwo: { top: 'ours-q8', bottom: 'two-threads-q8', clock: 'wallMs' },
  readingByOneOverTwo: { top: 'streaming-wasm', bottom: 'reading-by-two', clock: 'wallMs' },
  ortWebgpuOverOurs: { top: 'ort-webgpu', bottom: 'ours-f32' },
  prefillOfFma: { top: 'fma', bottom: 'prefill', factor: ({ promptGFLOP }) => promptGFLOP },
  batch8OverSingle: { top: 'batch8', bottom: 'ours-f32' },
  latePositionOverEarly: { top: 'late', bottom: 'early' },
}

/** The ratios for which all contestants are there: medians over the rounds. */
export function ratiosOf(costs: Costs, token: TokenSize): Readonly<Record<string, Summary>> {
  const fastest = (start: string, clock: keyof Cost): number[] => {
    const group = Object.entries(costs)
      .filter(([name]) => name.startsWith(start))
      .map(([, costs]) => costs)
    return (group[0] ?? []).map((_, round) => Math.min(...group.map((costs) => costs[round]?.[clock] ?? Infinity)))
  }
  return Object.fromEntries(
    Object.entries(ratios).flatMap(([name, { top, bottom, factor = () => 1, clock = 'cpuMs' }]) => {
      const [above, below] = [fastest(top, clock), fastest(bottom, clock)]
      if (above.length === 0 || below.length === 0) return []
      const perRound = above.map((ms, round) => (ms * factor(token)) / (below[round] ?? Number.NaN))
      return [[name, summarize(perRound)]]
    }),
  )
}

/** Contestants that always take part. */
export const calibrating = ['streaming', 'streaming-wasm', 'reading-by-two', 'fma']

/** What must take part for the wanted contestants, ratios and figures: their names, and the contestants of the ratios. */
export function contestantsFor(wanted: readonly string[]): string[] {
  const needed = wanted.flatMap((name) => {
    const { top, bottom } = ratios[name] ?? {}
    return [name, top, bottom].filter((name) => name !== undefined && !calibrating.includes(name))
  })
  return [...new Set(needed as string[])]
}
