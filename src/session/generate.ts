/**
 * @file The token loop of one reply: sample, decode, look for the end, feed. Afterwards the state is what it would be had
 * it been fed, each once: the last id of the prompt, the sampled ids before the stop, and the encoded end of the turn.
 * Where the GPU draws, some ids are under way while the loop looks at older ones; what was fed beyond the end is taken
 * back.
 */

import { isAbort } from '../core/abort.ts'
import { nextTask } from '../core/next-task.ts'
import type { ReplySummary, SaidToken, SamplingOptions } from '../core/protocol.ts'
import type { Feeder } from '../feeder/feed.ts'
import { lastDrawnOf } from '../forward/step-buffer.ts'
import type { Constraint } from '../sample/constraint.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { createPenalties } from '../sample/penalties.ts'
import type { Kept } from '../text/thoughts.ts'
import { createDraw } from './draw.ts'
import type { RestorePoints } from './restore-points.ts'
import { createSpeech, finalPrefix, type SpeechParts } from './speech.ts'

/** What a reply needs of its session. */
export interface Generation extends Omit<SpeechParts, 'hasFormat'> {
  readonly feeder: Feeder
  readonly sampler: CpuSampler
  readonly slot: number
  /** The reply's place where the GPU draws its ids; without one they are drawn here. */
  readonly place?: number | undefined
  /** What of the prompt the state has not seen: its last id, or all that was left when the reply was aborted. */
  readonly promptIds: readonly number[]
  /** Ids that the reply begins with, as if they had been drawn. */
  readonly prefix: readonly number[]
  readonly sampling: SamplingOptions & { readonly seed: number }
  readonly constraint: Constraint
  /** What closes the turn. */
  readonly end: string
  readonly eosTokenId: number
  /** Replies of a session draw from streams of their own. */
  readonly stream: number
  /** Where the state can go back to, at the farthest to where it is now. */
  readonly points: RestorePoints
  /** Called with each token once it is final. */
  readonly onToken: (token: SaidToken) => void
  readonly signal: AbortSignal
  readonly now: () => number
}

/** What a reply leaves. */
export interface Generated {
  readonly summary: Omit<ReplySummary, 'contextTokens' | 'reusedTokens'>
  /** What of the reply stands in the conversation. */
  readonly kept: Kept
  /** The ids of `promptIds`, of the beginning, of that, and of the end of the turn. */
  readonly all: readonly number[]
  /** How many of them the state has seen: all, unless it was aborted before the first draw. */
  readonly inState: number
}

/** Make one reply. */
export async function generate(generation: Generation): Promise<Generated> {
  const { feeder, tokenizer, slot, place, sampling, eosTokenId, points, signal, now, beginning } = generation
  const { guide } = generation.constraint
  const start = now()
  let promptRead = 0 // of the ids in front of the first draw, those in the state
  let firstAt: number | undefined // when the prompt was in the state
  let asked = 0 // ids drawn or being drawn
  let fed = 0 // of these
  let finishReason: ReplySummary['finishReason'] = 'length'
  let stopTextFound = false

  const parts = { ...generation, hasFormat: guide !== undefined }
  const speech = createSpeech(parts)
  const { ids } = speech
  const penalties = createPenalties(generation.constraint.exempt)
  const draw = createDraw(generation, {
    penalties,
    isEnd: (id) => id === eosTokenId || speech.isStop(id),
    isAmiss: speech.isAmiss,
    guideNow: () => (speech.isAnswering ? guide : undefined),
  })
  const begun = finalPrefix(generation.prefix, parts)
  for (const id of begun) {
    draw.skip(id)
    speech.say(id)
  }
  const beginningIds = tokenizer.encode(beginning?.text ?? '')
  const promptIds = [...generation.promptIds, ...beginningIds, ...begun] // what is fed in front of the first draw
  const describe = (index: number): SaidToken => ({
    ...draw.describe(index, speech.pieces[index] as string),
    ...(index < speech.thoughtCount && { isThought: true }),
  })
  const tokens: SaidToken[] = begun.map((_, index) => describe(index)) // those that are final: no later id can make them part of a stop text
  const most = sampling.maxTokens + generation.prefix.length - begun.length // ids to draw
  const emitTokens = (count: number) => {
    for (let index = tokens.length; index < count; index++) {
      const token = describe(index)
      tokens.push(token)
      generation.onToken(token)
    }
  }

  /** Feed `ids`, which the reply's draws so far come to, and draw another. Resolves once that is under way. */
  async function advance(
    ids: readonly number[],
    keepIn?: number,
    onStep?: (count: number) => void,
  ): Promise<{ readonly id: number | Promise<number> }> {
    const feed = { slot, ids, keepIn }
    if (place !== undefined) return feeder.draw({ ...feed, reply: place, index: asked++ }, { signal })
    const [logits] = await feeder.feed([feed], { signal, ...(onStep && { onStep }) })
    asked += 1
    const id = draw.next(logits as Float32Array, signal)
    id.catch(() => {}) // an abort may come before it is waited for
    return { id }
  }
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  aborted.catch(() => {})

  try {
    signal.throwIfAborted()
    const onRead = (count: number) => {
      promptRead = count
    }
    const coming = [await advance(promptIds, undefined, onRead)] // draws, the oldest first
    promptRead = promptIds.length
    while (true) {
      while (asked < most && coming.length < (place === undefined ? 1 : feeder.ahead)) {
        const spare = points.spare(tokens.length - begun.length)
        coming.push(await advance(place === undefined ? ids.slice(-1) : [lastDrawnOf(place)], spare))
        if (spare !== undefined) points.kept(spare, fed)
        fed += 1
      }
      const next = coming.shift()
      if (!next) break
      await nextTask() // several may be known by now, and whoever hears of the last piece may want no more
      signal.throwIfAborted()
      const id = await Promise.race([next.id, aborted])
      firstAt ??= now()
      if (place !== undefined) draw.take(id)
      if (id === eosTokenId) {
        finishReason = 'stop'
        break
      }
      if (speech.say(id)) {
        finishReason = 'stop'
        stopTextFound = true
        break
      }
      emitTokens(speech.finalCount)
      if (speech.isAnswering && guide?.isOver) break
    }
    if (speech.isAnswering && guide?.isWhole) finishReason = 'stop'
  } catch (error) {
    if (!isAbort(error, signal)) throw error
    finishReason = 'abort'
  } finally {
    signal.removeEventListener('abort', abort) // or a signal that lives on holds all of this
  }

  const endAt = now()
  firstAt ??= endAt
  const generateMs = endAt - firstAt
  emitTokens(speech.end(stopTextFound))
  if (finishReason === 'stop' && !speech.isAnswering) finishReason = 'length' // there is no answer yet

  const { kept } = speech
  let inState = promptRead + fed
  const said = kept.ids.length - begun.length
  if (said < fed) {
    const seen = points.restore(said)
    inState = seen < 0 ? 0 : promptRead + seen
  }
  const all = [...generation.promptIds, ...beginningIds, ...kept.ids, ...tokenizer.encode(kept.rest + generation.end)]
  // Of an aborted prompt much may be left: it waits for the next one. Anything else is a few ids, fed now; but nobody who
  // stops a reply waits for another device.
  let ending = signal.aborted ? feeder.lost : signal
  while (promptRead === promptIds.length && inState < all.length) {
    const before = inState
    const onStep = (count: number) => {
      inState = before + count
    }
    try {
      await feeder.feed([{ slot, ids: all.slice(before) }], { onStep, signal: ending })
      inState = all.length
    } catch (error) {
      if (!isAbort(error, ending)) throw error
      ending = feeder.lost
      if (ending?.aborted) break
    }
  }

  const promptMs = firstAt - start
  const timed = ids.length - begun.length - 1 // the first is not counted
  const tokensPerSecond = timed > 0 && generateMs > 0 ? (timed * 1000) / generateMs : 0
  const summary: Generated['summary'] = {
    text: speech.answer,
    ids,
    ...(beginning?.at === 'thoughts' && { thoughts: speech.thoughts }),
    ...(sampling.logprobs !== undefined && { tokens }),
    seed: sampling.seed,
    finishReason,
    promptTokens: promptRead,
    promptMs,
    generateMs,
    tokensPerSecond,
  }
  return { summary, kept, all, inState }
}
