/**
 * @file The token loop of one reply: sample, decode, look for the end, feed. Afterwards the state is exactly what it
 * would be had it been fed, each once: the prompt, the sampled ids before the stop, and the encoded end of the turn.
 */

import type { ReplySummary, SaidToken, SamplingOptions } from '../core/protocol.ts'
import type { Constraint } from '../sample/constraint.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { createPenalties } from '../sample/penalties.ts'
import { createDetokenizer } from '../text/detokenizer.ts'
import { createStopFinder } from '../text/stop-text.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { createDraw } from './draw.ts'
import type { Feeder } from './feed.ts'
import type { ReadOptions, ReadProgress } from './read.ts'

/** What a reply needs of its session. */
export interface Generation {
  readonly feeder: Feeder
  readonly tokenizer: Tokenizer
  readonly sampler: CpuSampler
  readonly slot: number
  /** Ids to feed first: what is pending, then the prompt. At least one. */
  readonly promptIds: readonly number[]
  readonly sampling: SamplingOptions & { readonly seed: number }
  readonly constraint: Constraint
  readonly stop: readonly string[]
  readonly end: string
  readonly eosTokenId: number
  /** Replies of a session draw from streams of their own. */
  readonly stream: number
  /** Bring the state forward by all ids of the prompt but the last. Ends soon after the signal is aborted. */
  readonly readPrompt: (ids: readonly number[], options: ReadOptions) => Promise<void>
  /** Keep the state as it is now; `restoreState` goes back to it. */
  readonly keepState: () => Promise<void>
  readonly restoreState: () => void
  readonly emit: (piece: string) => void
  /** Told of each token that is certain to be said. */
  readonly onToken: (token: SaidToken) => void
  readonly signal: AbortSignal
  readonly now: () => number
}

/** What a reply leaves. */
export interface Generated {
  readonly summary: Omit<ReplySummary, 'contextTokens' | 'reusedTokens'>
  /** Ids that the state has seen since the reply was asked for. */
  readonly seen: readonly number[]
  /** Ids that it has not seen yet because the prompt was aborted. */
  readonly pending: readonly number[]
}

/** Feed the prompt and make one reply. */
export async function generate(generation: Generation): Promise<Generated> {
  const { feeder, tokenizer, slot, promptIds, sampling, eosTokenId, emit, signal, now } = generation
  const start = now()
  let promptRead = 0 // ids of the prompt in the state
  let promptFed = 0 // those that had to be fed
  let firstAt: number | undefined // when the prompt was in the state
  let text = ''
  const ids: number[] = []
  const endsAt: number[] = [] // length of the text after each id; Infinity where it is no place to stop
  let fed = 0 // of `ids`
  let kept: number | undefined // how many of `ids` the kept state had seen
  let finishReason: ReplySummary['finishReason'] = 'length'
  let stopTextFound = false
  let unfed: number[] = []

  const detokenizer = createDetokenizer(tokenizer)
  const stopFinder = createStopFinder(generation.stop)
  const penalties = createPenalties()
  const draw = createDraw(generation, {
    penalties,
    isEnd: (id) => id === eosTokenId || stopFinder.isStop(detokenizer.peek(id)),
  })
  const tokens: SaidToken[] = [] // those of `ids` that no stop text can take back
  const isClear = () => stopFinder.held === '' && !detokenizer.midCharacter
  const show = (piece: string) => {
    text += piece
    emit(piece)
  }
  const tell = (count: number) => {
    for (let index = tokens.length; index < count; index++) {
      const token = draw.describe(index)
      tokens.push(token)
      generation.onToken(token)
    }
  }

  try {
    const onRead = ({ inState, fed }: ReadProgress) => {
      promptRead = inState
      promptFed = fed
    }
    await generation.readPrompt(promptIds.slice(0, -1), { signal, onRead })
    signal.throwIfAborted()
    let [logits] = await feeder.feed([{ slot, ids: promptIds.slice(-1) }])
    promptRead = promptIds.length
    promptFed += 1
    firstAt = now()
    while (ids.length < sampling.maxTokens) {
      signal.throwIfAborted()
      const id = draw.next(logits as Float32Array)
      if (id === eosTokenId) {
        finishReason = 'stop'
        break
      }
      const wasClear = isClear()
      const found = stopFinder.push(detokenizer.push(id))
      show(found.text)
      ids.push(id)
      const isPlaceToStop = !found.stopped && !detokenizer.midCharacter
      endsAt.push(isPlaceToStop ? text.length + stopFinder.held.length : Infinity)
      if (found.stopped) {
        finishReason = 'stop'
        stopTextFound = true
        break
      }
      tell(saidOf(endsAt, text))
      if (wasClear && !isClear()) {
        // This id may turn out to belong to a stop text, or to a character in front of one: be able to take it back.
        await generation.keepState()
        kept = ids.length - 1
      }
      ;[logits] = await feeder.feed([{ slot, ids: [id] }], {})
      fed = ids.length
    }
  } catch (error) {
    if (!signal.aborted) throw error
    finishReason = 'abort'
  }

  const endAt = now()
  firstAt ??= endAt
  const generateMs = endAt - firstAt
  if (stopTextFound) {
    // Only ids whose text lies wholly before the stop were said; what is left of the text joins the end of the turn.
    const said = saidOf(endsAt, text)
    if (said < fed && kept !== undefined) {
      generation.restoreState()
      fed = kept
    }
    const rest = text.slice(endsAt[said - 1] ?? 0)
    ids.length = said
    unfed = [...ids.slice(fed), ...tokenizer.encode(rest + generation.end)]
  } else {
    show(stopFinder.flush() + detokenizer.flush())
    unfed = [...promptIds.slice(promptRead), ...ids.slice(fed), ...tokenizer.encode(generation.end)]
  }

  tell(ids.length)

  // An aborted prompt may still be long: it waits for the next one. Anything else is a few ids, fed now.
  const isCut = promptRead < promptIds.length
  const pending = isCut ? unfed : []
  if (!isCut && unfed.length > 0) await feeder.feed([{ slot, ids: unfed }])

  const promptMs = firstAt - start
  const tokensPerSecond = ids.length > 1 && generateMs > 0 ? ((ids.length - 1) * 1000) / generateMs : 0
  const summary: Generated['summary'] = {
    text,
    ids,
    ...(sampling.logprobs !== undefined && { tokens }),
    seed: sampling.seed,
    finishReason,
    promptTokens: promptFed,
    promptMs,
    generateMs,
    tokensPerSecond,
  }
  const seen = isCut ? promptIds.slice(0, promptRead) : [...promptIds, ...ids.slice(0, fed), ...unfed]
  return { summary, seen, pending }
}

/** How many ids end within `text`. */
function saidOf(endsAt: readonly number[], text: string): number {
  return endsAt.findLastIndex((end) => end <= text.length) + 1
}
