/** @file The draws of one reply: which id comes next under its options, and what the model thought of it. */

import type { SaidToken, SamplingOptions, TokenChoice } from '../core/protocol.ts'
import { inSlices } from '../core/slices.ts'
import type { Guide } from '../grammar/guide.ts'
import type { Constraint } from '../sample/constraint.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { logSumExp, mostProbable } from '../sample/logprobs.ts'
import type { Penalties } from '../sample/penalties.ts'
import { decode } from '../text/detokenizer.ts'
import type { Tokenizer } from '../text/tokenizer.ts'

/** What is drawn with. */
export interface DrawParts {
  readonly tokenizer: Tokenizer
  readonly sampler: CpuSampler
  readonly sampling: SamplingOptions & { readonly seed: number }
  readonly constraint: Constraint
  readonly eosTokenId: number
  /** Which sequence of the seed. */
  readonly stream: number
}

/** Draws the ids of a reply, one after the other. */
export interface Draw {
  /**
   * The next id after `logits`, f32 (V).
   * @returns rejects with RwkvError `model/not-finite`, with `option/invalid` where a format costs too much, and with the
   * signal's reason once it is aborted
   */
  next(logits: Float32Array, signal: AbortSignal): Promise<number>
  /** The next id was drawn on the GPU. */
  take(id: number): void
  /** `id` stands where it would have been drawn. */
  skip(id: number): void
  /** What is to be told of the token at `index`, which was drawn before and adds `text` to the reply. */
  describe(index: number, text: string): SaidToken
}

/** True if the GPU can sample alone. `logprobs`, `format` and `minTokens` need the logits on the CPU. */
export const staysOnGpu = ({ logprobs, minTokens, format }: SamplingOptions): boolean =>
  logprobs === undefined && minTokens === 0 && format === undefined

/** All that a draw knows of its token. */
type Drawn = Omit<SaidToken, 'index' | 'text'>

const LAST_INDEX = 2 ** 32 - 1

/** What a reply says of its draws. */
export interface DrawRules {
  readonly penalties: Penalties
  /** Whether an id would end the reply now. */
  readonly isEnd: (id: number) => boolean
  /** Whether an id may not stand here. */
  readonly isAmiss: (id: number) => boolean
  /** The format that the next id keeps to, if any. */
  readonly guideNow: () => Guide | undefined
}

/** Draws for one reply. */
export function createDraw(
  { tokenizer, sampler, sampling, constraint, eosTokenId, stream }: DrawParts,
  { penalties, isEnd, isAmiss, guideNow }: DrawRules,
): Draw {
  const { seed, logprobs, minTokens, maxTokens, penaltyDecay } = sampling
  const drawn: Drawn[] = []
  let redraws = 0
  let skipped = 0

  const choice = (id: number): TokenChoice => ({ id, text: decode(tokenizer, [id]) })

  function measured(id: number, logits: Float32Array): Drawn {
    if (logprobs === undefined) return { id }
    const total = logSumExp(logits)
    const logprobOf = (one: number) => (logits[one] as number) - total
    const alternatives = mostProbable(logits, logprobs).map((one) => ({ ...choice(one), logprob: logprobOf(one) }))
    return { id, logprob: logprobOf(id), alternatives }
  }

  return {
    async next(logits, signal) {
      const guide = guideNow()
      const mask = guide && (await inSlices(guide.mask(maxTokens + skipped - drawn.length), signal))
      if (mask?.choices === 0) return eosTokenId // nothing else fits, or may be drawn
      const parts = { logits, options: sampling, penalties, constraint, mask: mask?.bits, seed, stream }
      const sample = (index: number, excluded: Iterable<number>) => sampler.sample({ ...parts, excluded, index })
      let id = sample(drawn.length, [])
      // Drawn again without what is refused, each time from a place of its own behind those of the tokens.
      const refused = new Set<number>()
      let others = mask?.choices ?? constraint.choices
      while (others > 0 && (isAmiss(id) || (drawn.length < minTokens && isEnd(id)))) {
        refused.add(id)
        if (tokenizer.has(id)) others -= 1
        if (others > 0) id = sample(LAST_INDEX - redraws++, refused)
      }
      if (id !== eosTokenId) guide?.accept(id)
      penalties.add(id, penaltyDecay)
      drawn.push(measured(id, logits))
      return id
    },
    take(id) {
      drawn.push({ id })
    },
    skip(id) {
      skipped += 1
      guideNow()?.accept(id)
      penalties.add(id, penaltyDecay)
      drawn.push({ id })
    },
    describe: (index, text) => ({ index, text, ...(drawn[index] as Drawn) }),
  }
}
