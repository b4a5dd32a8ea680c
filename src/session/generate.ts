/**
 * @file The token loop of one reply: sample, decode, look for the end, feed. Afterwards the state is what it would be had
 * it been fed, each once: the last id of the prompt, the sampled ids before the stop, and the encoded end of the turn.
 * Where the GPU draws, some ids are under way while the loop looks at older ones; what was fed beyond the end is taken
 * back.
 */

import { isAbort } from '../core/abort.ts'
import { nextTask } from '../core/next-task.ts'
import type { ReplySummary, SaidToken, SamplingOptions } from '../core/protocol.ts'
import { lastDrawnOf } from '../forward/step-buffer.ts'
import type { Constraint } from '../sample/constraint.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { createPenalties } from '../sample/penalties.ts'
import { createDetokenizer } from '../text/detokenizer.ts'
import { createStopFinder } from '../text/stop-text.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { createDraw } from './draw.ts'
import type { Feeder } from './feed.ts'
import type { RestorePoints } from './restore-points.ts'

/** What a reply needs of its session. */
export interface Generation {
  readonly feeder: Feeder
  readonly tokenizer: Tokenizer
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
  readonly stop: readonly string[]
  /** More of them, which are looked for behind the white space that the reply begins with. */
  readonly stopBehindSpace: readonly string[]
  readonly end: string
  readonly eosTokenId: number
  /** Replies of a session draw from streams of their own. */
  readonly stream: number
  /** Where the state can go back to, at the farthest to where it is now. */
  readonly points: RestorePoints
  readonly emit: (piece: string) => void
  /** Called with each token once it is final. */
  readonly onToken: (token: SaidToken) => void
  readonly signal: AbortSignal
  readonly now: () => number
}

/** What a reply leaves. */
export interface Generated {
  readonly summary: Omit<ReplySummary, 'contextTokens' | 'reusedTokens'>
  /** The ids of `promptIds`, of the reply, and of the end of the turn. */
  readonly all: readonly number[]
  /** How many of them the state has seen: all, unless it was aborted before the first draw. */
  readonly inState: number
}

/** Make one reply. */
export async function generate(generation: Generation): Promise<Generated> {
  const { feeder, tokenizer, slot, place, sampling, eosTokenId, points, emit, signal, now } = generation
  const { guide } = generation.constraint
  const start = now()
  let promptRead = 0 // of the ids in front of the first draw, those in the state
  let firstAt: number | undefined // when the prompt was in the state
  let text = ''
  const ids: number[] = []
  const pieces: string[] = [] // what each id adds to the text
  const endsAt: number[] = [] // length of the text after each id; Infinity where it is no place to stop
  let asked = 0 // ids drawn or being drawn
  let fed = 0 // of these
  let finishReason: ReplySummary['finishReason'] = 'length'
  let stopTextFound = false

  const detokenizer = createDetokenizer(tokenizer)
  const stopFinder = createStopFinder(generation.stop, generation.stopBehindSpace)
  const penalties = createPenalties(generation.constraint.exempt)
  const draw = createDraw(generation, {
    penalties,
    isEnd: (id) => id === eosTokenId || stopFinder.isStop(detokenizer.peek(id)),
  })
  const show = (piece: string) => {
    text += piece
    emit(piece)
  }
  /** Put `id` behind what was said; true if it completes a stop text. */
  const say = (id: number): boolean => {
    const piece = detokenizer.push(id)
    const found = stopFinder.push(piece)
    show(found.text)
    ids.push(id)
    pieces.push(piece)
    const isPlaceToStop = !found.stopped && !detokenizer.midCharacter
    endsAt.push(isPlaceToStop ? text.length + stopFinder.held.length : Infinity)
    return found.stopped
  }
  const begun = finalPrefix(generation)
  for (const id of begun) {
    say(id)
    draw.skip(id)
  }
  const promptIds = [...generation.promptIds, ...begun] // what is fed in front of the first draw
  const tokens: SaidToken[] = pieces.map((piece, index) => draw.describe(index, piece)) // those that are final: no later id can make them part of a stop text
  const most = sampling.maxTokens + generation.prefix.length - begun.length // ids to draw
  const emitTokens = (count: number) => {
    for (let index = tokens.length; index < count; index++) {
      const token = draw.describe(index, pieces[index] as string)
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
      await nextTask() // several ids may have arrived, and the listener of the last piece may have stopped the reply
      signal.throwIfAborted()
      const id = await Promise.race([next.id, aborted])
      firstAt ??= now()
      if (place !== undefined) draw.take(id)
      if (id === eosTokenId) {
        finishReason = 'stop'
        break
      }
      if (say(id)) {
        finishReason = 'stop'
        stopTextFound = true
        break
      }
      emitTokens(saidOf(endsAt, text))
      if (guide?.isOver) break
    }
    if (guide?.isWhole) finishReason = 'stop'
  } catch (error) {
    if (!isAbort(error, signal)) throw error
    finishReason = 'abort'
  } finally {
    signal.removeEventListener('abort', abort) // or a signal that lives on holds all of this
  }

  const endAt = now()
  firstAt ??= endAt
  const generateMs = endAt - firstAt
  let rest = generation.end
  if (stopTextFound) {
    // Only ids whose text lies wholly before the stop were said; what is left of the text joins the end of the turn.
    ids.length = saidOf(endsAt, text)
    const before = text.slice(endsAt[ids.length - 1] ?? 0)
    rest = before + rest
    emitTokens(ids.length)
    emitTokens(cutAt(pieces, ids.length, before.length))
  } else {
    const last = detokenizer.flush()
    show(stopFinder.flush() + last)
    if (last !== '') pieces.push(`${pieces.pop()}${last}`)
    emitTokens(ids.length)
  }

  const said = ids.length - begun.length
  let inState = promptRead + fed
  if (said < fed) {
    const seen = points.restore(said)
    inState = seen < 0 ? 0 : promptRead + seen
  }
  const all = [...generation.promptIds, ...ids, ...tokenizer.encode(rest)]
  // Of an aborted prompt much may be left: it waits for the next one. Anything else is a few ids, fed now.
  if (promptRead === promptIds.length && inState < all.length) {
    await feeder.feed([{ slot, ids: all.slice(inState) }])
    inState = all.length
  }

  const promptMs = firstAt - start
  const timed = said - 1 // the first is not counted
  const tokensPerSecond = timed > 0 && generateMs > 0 ? (timed * 1000) / generateMs : 0
  const summary: Generated['summary'] = {
    text,
    ids,
    ...(sampling.logprobs !== undefined && { tokens }),
    seed: sampling.seed,
    finishReason,
    promptTokens: promptRead,
    promptMs,
    generateMs,
    tokensPerSecond,
  }
  return { summary, all, inState }
}

/**
 * The part of the prefix that is final. Ids at its end that may begin a stop text, or are half a character, are drawn
 * again.
 */
function finalPrefix({ prefix, stop, stopBehindSpace, tokenizer }: Generation): readonly number[] {
  const detokenizer = createDetokenizer(tokenizer)
  const stopFinder = createStopFinder(stop, stopBehindSpace)
  let final = 0
  for (const [place, id] of prefix.entries()) {
    if (stopFinder.push(detokenizer.push(id)).stopped) break
    if (stopFinder.held === '' && !detokenizer.midCharacter) final = place + 1
  }
  return prefix.slice(0, final)
}

/** Cut the pieces from `from` on to `length` in all. @returns where those that have a part in it end */
function cutAt(pieces: string[], from: number, length: number): number {
  let [place, left] = [from, length]
  for (; left > 0; place++) {
    const piece = pieces[place] as string
    pieces[place] = piece.slice(0, left)
    left -= piece.length
  }
  return place
}

/** How many ids end within `text`. */
function saidOf(endsAt: readonly number[], text: string): number {
  return endsAt.findLastIndex((end) => end <= text.length) + 1
}
