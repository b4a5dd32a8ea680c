/** @file What the model makes of given texts: how well it predicts them, and how probable one is after another. */

import { RwkvError } from '../core/errors.ts'
import type { EvaluateOptions, Evaluation, Score } from '../core/protocol.ts'
import type { Feeder } from '../feeder/feed.ts'
import type { StatePool } from '../forward/state-pool.ts'
import { logSumExp, mostProbable } from '../sample/logprobs.ts'
import { bytesOfAll, type Tokenizer } from '../text/tokenizer.ts'

/** What an evaluation needs. */
export interface EvaluatorParts {
  readonly pool: StatePool
  readonly feeder: Feeder
  /** Absent where there is no vocabulary: bytes are not counted then. */
  readonly tokenizer: Tokenizer | undefined
}

/** Evaluates ids; each call takes one slot while it runs. */
export interface Evaluator {
  /** Each id but the first is scored by what comes before it. See `Model.evaluate`. */
  evaluate(ids: readonly number[], options?: EvaluateOptions): Promise<Evaluation>
  /** See `Model.score`. */
  score(context: readonly number[], target: readonly number[], options?: EvaluateOptions): Promise<Score>
}

const CHUNK = 32 // ids whose logits are in memory at a time

/** An evaluator over the parts of a model. */
export function createEvaluator({ pool, feeder, tokenizer }: EvaluatorParts): Evaluator {
  async function withSlot<T>(work: (slot: number) => Promise<T>): Promise<T> {
    const slot = await pool.allocate()
    try {
      return await work(slot)
    } finally {
      pool.release(slot)
    }
  }

  /** Log probability of each of `ids` but the first, and whether it is the most probable; told as they come. */
  async function foretell(
    slot: number,
    ids: readonly number[],
    { signal, onProgress, onScore }: EvaluateOptions & { onScore: (logprob: number, isGreedy: boolean) => void },
  ): Promise<void> {
    const total = ids.length - 1
    for (let from = 0; from < total; from += CHUNK) {
      const chunk = ids.slice(from, Math.min(from + CHUNK, total))
      const rows = await feeder.feedAll({ slot, ids: chunk }, { signal })
      rows.forEach((logits, i) => {
        const id = ids[from + i + 1] as number
        onScore((logits[id] as number) - logSumExp(logits), mostProbable(logits, 1)[0] === id)
      })
      onProgress?.(from + chunk.length, total)
    }
  }

  return {
    evaluate: (ids, options) =>
      withSlot(async (slot) => {
        const tokens = ids.length - 1
        if (tokens < 1)
          throw new RwkvError(
            'option/invalid',
            `There is nothing to evaluate: ${ids.length} ids in all, and the first is not scored, for nothing comes before it. Give a longer text.`,
          )
        let sum = 0
        const logprobs: number[] = []
        await foretell(slot, ids, {
          ...options,
          onScore: (logprob) => {
            sum -= logprob
            if (options?.logprobs) logprobs.push(logprob)
          },
        })
        const bytes = tokenizer && bytesOfAll(tokenizer, ids.slice(1)).length
        const nllPerToken = sum / tokens
        return {
          tokens,
          nllPerToken,
          perplexity: Math.exp(nllPerToken),
          ...(bytes !== undefined && { bytes, nllPerByte: sum / bytes }),
          ...(options?.logprobs && { logprobs: Float32Array.from(logprobs) }),
        }
      }),
    score: (context, target, options = {}) =>
      withSlot(async (slot) => {
        for (const [name, { length }] of [
          ['context', context],
          ['continuation', target],
        ] as const) {
          if (length === 0)
            throw new RwkvError('option/invalid', `The ${name} is empty; expected at least one id of text.`)
        }
        // The last id of the context goes with the continuation: the logits after it foretell the first of them.
        const before = context.slice(0, -1)
        if (before.length > 0) await feeder.feed([{ slot, ids: before }], { signal: options.signal })
        let logprob = 0
        let isGreedy = true
        await foretell(slot, [...context.slice(-1), ...target], {
          ...options,
          onScore: (one, isBest) => {
            logprob += one
            isGreedy &&= isBest
          },
        })
        return { logprob, isGreedy }
      }),
  }
}
