/** @file When each token of a reply came, as few points that can be drawn. Pure but for its clock. */

import type { ModelConfig } from '../../../src/index.ts'
import { median } from '../parts/median.ts'

/** What models write to: in English, whatever the page speaks. */
export const COST_PROMPT = 'Tell me a long story.'

/** Some neighbouring tokens together. */
export interface CostPoint {
  /** Tokens by then. */
  readonly tokens: number
  /** The median of their milliseconds: a pause of the page is not the model's. */
  readonly ms: number
}

/** Times of tokens. */
export interface CostLog {
  readonly tokens: number
  readonly latestMs: number
  /** A token has come. */
  add(): void
  /** What comes next waits for a prompt, so its time is not that of a token. */
  pause(): void
  points(): CostPoint[]
  /** Milliseconds a token in the first and in the last tenth, medians. */
  ends(): [first: number, last: number]
}

/** A log of `tokens` tokens to come, shown in `points` points. */
export function createCostLog({ tokens, points, now }: { tokens: number; points: number; now: () => number }): CostLog {
  const times: number[] = []
  const each = Math.max(1, Math.round(tokens / points))
  let lastAt: number | undefined
  let heard = 0

  return {
    get tokens() {
      return heard
    },
    get latestMs() {
      return median(times.slice(-each))
    },
    add() {
      const at = now()
      if (lastAt !== undefined) times.push(at - lastAt)
      lastAt = at
      heard++
    },
    pause() {
      lastAt = undefined
    },
    points: () =>
      Array.from({ length: Math.floor(times.length / each) }, (_, i) => ({
        tokens: (i + 1) * each,
        ms: median(times.slice(i * each, (i + 1) * each)),
      })),
    ends() {
      const tenth = Math.max(1, Math.floor(times.length / 10))
      return [median(times.slice(0, tenth)), median(times.slice(-tenth))]
    },
  }
}

/** Bytes of keys and values that a transformer of as many layers and channels keeps of `tokens` tokens, in f16. */
export function kvCacheByteLength({ L, C }: Pick<ModelConfig, 'L' | 'C'>, tokens: number): number {
  return 2 * L * C * 2 * tokens
}
