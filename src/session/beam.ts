/**
 * @file Beam search: at each step the most probable of all continuations of all beams go on, each in a slot of its own,
 * all fed together.
 */

import type { Beam, BeamOptions, TextBeam } from '../core/protocol.ts'
import type { StatePool } from '../forward/state-pool.ts'
import { logSumExp, mostProbable } from '../sample/logprobs.ts'
import { decode } from '../text/detokenizer.ts'
import { createStopFinder } from '../text/stop-text.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import type { Feeder } from './feed.ts'

/** Where slots come from, and who feeds them. */
export interface BeamParts {
  readonly pool: StatePool
  readonly feeder: Feeder
}

/** What is searched. */
export interface BeamStart extends BeamOptions {
  /** Its state is copied. */
  readonly slot: number
  /** f32 (V): after what `slot` has seen. */
  readonly logits: Float32Array
  /** If the last id ends the continuation: its ids without the end. Else undefined. */
  readonly endOf: (ids: readonly number[]) => readonly number[] | undefined
  /** Ids that never continue. */
  readonly banned: readonly number[]
}

/** A continuation that goes on. */
interface Open {
  readonly ids: readonly number[]
  readonly logprob: number
  /** Holds the state after all ids but the last. */
  slot: number
  /** f32 (V) after all ids. */
  logits: Float32Array
}

const NO_LOGITS = new Float32Array(0)

/** The `width` best continuations, best first. Needs `width` free slots; they are given back. */
export async function beamSearch({ pool, feeder }: BeamParts, start: BeamStart): Promise<Beam[]> {
  const { width, steps, lengthPenalty = 0, signal, endOf } = start
  const scoreOf = (logprob: number, length: number) => logprob / length ** lengthPenalty
  const slots: number[] = [] // all that this search holds
  const ended: Beam[] = []

  try {
    slots.push(await pool.allocate(start.slot))
    let open: Open[] = [{ ids: [], logprob: 0, slot: slots[0] as number, logits: start.logits }]
    for (let length = 1; length <= steps && open.length > 0; length++) {
      const candidates = open
        .flatMap((beam, place) => continuations(beam, place, { width, banned: start.banned }))
        .sort((a, b) => b.logprob - a.logprob || a.place - b.place || a.id - b.id)
      const next: { ids: readonly number[]; logprob: number; from: Open }[] = []
      for (const [rank, { place, id, logprob }] of candidates.entries()) {
        if (next.length === width) break
        const from = open[place] as Open
        const ids = [...from.ids, id]
        const said = endOf(ids)
        if (!said) next.push({ ids, logprob, from })
        else if (rank < width) ended.push({ ids: said, logprob, score: scoreOf(logprob, length), ended: true })
      }
      ended.sort((a, b) => b.score - a.score).splice(width)
      // No open beam becomes more probable; with a length penalty it may still score higher by being longer.
      const hope = scoreOf(next[0]?.logprob ?? -Infinity, lengthPenalty > 0 ? steps : length)
      if (length === steps || (ended.length === width && (ended.at(-1)?.score ?? 0) >= hope)) {
        open = next.map(({ ids, logprob }) => ({ ids, logprob, slot: -1, logits: NO_LOGITS }))
        break
      }
      open = await spread(next)
      const logits = await feeder.feed(
        open.map(({ slot, ids }) => ({ slot, ids: ids.slice(-1) })),
        { signal },
      )
      open.forEach((beam, i) => {
        beam.logits = logits[i] as Float32Array
      })
    }
    const cut = open.map(({ ids, logprob }) => ({ ids, logprob, score: scoreOf(logprob, ids.length), ended: false }))
    return [...ended, ...cut].sort((a, b) => b.score - a.score).slice(0, width)
  } finally {
    for (const slot of slots) pool.release(slot)
  }

  /** Give every beam a slot with the state of the one it continues: that one's own, or a copy. */
  async function spread(next: readonly { ids: readonly number[]; logprob: number; from: Open }[]): Promise<Open[]> {
    const inherited = new Set<number>()
    const kept = new Set(next.map(({ from }) => from.slot))
    const free = slots.filter((slot) => !kept.has(slot))
    const beams: Open[] = []
    for (const { ids, logprob, from } of next) {
      let { slot } = from
      if (inherited.has(slot)) {
        const spare = free.pop()
        if (spare === undefined) slots.push(await pool.allocate(slot))
        else pool.copy(slot, spare)
        slot = spare ?? (slots.at(-1) as number)
      }
      inherited.add(from.slot)
      beams.push({ ids, logprob, slot, logits: NO_LOGITS })
    }
    return beams
  }
}

/** The best continuations of one beam: twice as many as go on, since some may end. */
function continuations(
  { logits, logprob }: Open,
  place: number,
  { width, banned }: { width: number; banned: readonly number[] },
) {
  const total = logSumExp(logits)
  const possible = logits.slice()
  for (const id of banned) possible[id] = -Infinity
  return mostProbable(possible, Math.min(2 * width, logits.length))
    .filter((id) => possible[id] !== -Infinity)
    .map((id) => ({ place, id, logprob: logprob + (logits[id] as number) - total }))
}

/** What `searchReplies` takes. */
export interface ReplySearch extends BeamOptions {
  /** Stays as it is. */
  readonly slot: number
  /** Ids to feed first; at least one. */
  readonly ids: readonly number[]
  /** Texts that end a reply. */
  readonly stops: readonly string[]
  readonly eosTokenId: number
}

/** The `width` best replies in words. */
export async function searchReplies(
  { pool, feeder, tokenizer, banned }: BeamParts & { tokenizer: Tokenizer; banned: readonly number[] },
  { slot, ids, stops, eosTokenId, ...options }: ReplySearch,
): Promise<TextBeam[]> {
  const own = await pool.allocate(slot)
  try {
    const [logits] = await feeder.feed([{ slot: own, ids }], { signal: options.signal })
    const shown = (said: readonly number[]) => createStopFinder(stops).push(decode(tokenizer, said))
    const texts = new Map<readonly number[], string>() // of continuations that ended in a stop text
    const endOf = (all: readonly number[]) => {
      if (all.at(-1) === eosTokenId) return all.slice(0, -1)
      const { text, stopped } = shown(all)
      if (!stopped) return undefined
      const said = all.slice(0, wholeIds(tokenizer, all, text))
      texts.set(said, text)
      return said
    }
    const start = { ...options, slot: own, logits: logits as Float32Array, endOf, banned }
    const beams = await beamSearch({ pool, feeder }, start)
    return beams.map((beam) => ({ ...beam, text: texts.get(beam.ids) ?? decode(tokenizer, beam.ids) }))
  } finally {
    pool.release(own)
  }
}

/** How many of `ids` lie wholly within `text`, the beginning of what they say. */
function wholeIds(tokenizer: Tokenizer, ids: readonly number[], text: string): number {
  let count = ids.length
  while (count > 0 && !text.startsWith(decode(tokenizer, ids.slice(0, count)))) count -= 1
  return count
}
