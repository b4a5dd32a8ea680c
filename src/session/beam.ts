/**
 * @file Beam search: at each step the most probable of all continuations of all beams go on, each in a slot of its own,
 * all fed together.
 */

import type { Beam, BeamOptions, TextBeam } from '../core/protocol.ts'
import { inSlices } from '../core/slices.ts'
import type { Feeder } from '../feeder/feed.ts'
import type { StatePool } from '../forward/state-pool.ts'
import type { Guide } from '../grammar/guide.ts'
import type { Constraint } from '../sample/constraint.ts'
import { logSumExp, mostProbable } from '../sample/logprobs.ts'
import { createMask, keepMasked } from '../sample/mask.ts'
import { decode } from '../text/detokenizer.ts'
import { createStopFinder } from '../text/stop-text.ts'
import type { Tokenizer } from '../text/tokenizer.ts'

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
  /** Which of the others do, and how they are nudged. */
  readonly constraint?: Constraint
  /** No continuation ends with fewer ids. */
  readonly minTokens?: number
}

/** A continuation so far. */
interface Continuation {
  readonly ids: readonly number[]
  readonly logprob: number
  /** As `logprob`, of nudged logits: what it is compared by. */
  readonly weight: number
  /** Of a format, behind these ids. */
  readonly guide: Guide | undefined
}

/** One that goes on. */
interface Open extends Continuation {
  /** Holds the state after all ids but the last. */
  slot: number
  /** f32 (V) after all ids. */
  logits: Float32Array
}

const NO_LOGITS = new Float32Array(0)

/** The `width` best continuations, best first. Needs `width` free slots; they are given back. */
export async function beamSearch({ pool, feeder }: BeamParts, start: BeamStart): Promise<Beam[]> {
  const { width, steps, lengthPenalty = 0, signal, endOf, constraint, minTokens = 0 } = start
  const scoreOf = (weight: number, length: number) => weight / length ** lengthPenalty
  const rules: Rules = {
    width,
    bias: constraint?.bias ?? new Map(),
    mask: createMask(start.logits.length, {
      allowed: constraint?.allowed,
      banned: [start.banned, constraint?.banned ?? []],
    }),
  }
  const slots: number[] = [] // all that this search holds
  const ended: Beam[] = []

  try {
    slots.push(await pool.allocate(start.slot))
    const nothing = { ids: [], logprob: 0, weight: 0, guide: constraint?.guide }
    let open: Open[] = [{ ...nothing, slot: slots[0] as number, logits: start.logits }]
    for (let length = 1; length <= steps && open.length > 0; length++) {
      const candidates: Candidate[] = []
      for (const from of open) {
        const fitting = from.guide && (await inSlices(from.guide.mask(steps - length + 1), signal))
        candidates.push(...continuations(from, fitting?.bits, rules))
      }
      candidates.sort((a, b) => b.weight - a.weight) // equal ones stay in the order of their beams and ids
      const next: (Continuation & { readonly from: Open })[] = []
      for (const [rank, { from, id, logprob, weight }] of candidates.entries()) {
        if (next.length === width) break
        const ids = [...from.ids, id]
        const guide = from.guide?.fork()
        const cut = endOf(ids)
        if (!cut) guide?.accept(id)
        const said = cut ?? (guide?.isOver ? ids : undefined)
        if (!said) next.push({ ids, logprob, weight, guide, from })
        else if (said.length >= minTokens && rank < width)
          ended.push({ ids: said, logprob, score: scoreOf(weight, length), ended: true })
      }
      ended.sort((a, b) => b.score - a.score).splice(width)
      // No open beam becomes more probable; with a length penalty it may still score higher by being longer.
      const hope = scoreOf(next[0]?.weight ?? -Infinity, lengthPenalty > 0 ? steps : length)
      if (length === steps || (ended.length === width && (ended.at(-1)?.score ?? 0) >= hope)) {
        open = next.map(({ from: _, ...beam }) => ({ ...beam, slot: -1, logits: NO_LOGITS }))
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
    const cut = open.map(({ ids, logprob, weight, guide }) => {
      return { ids, logprob, score: scoreOf(weight, ids.length), ended: guide?.isWhole ?? false }
    })
    return [...ended, ...cut].sort((a, b) => b.score - a.score).slice(0, width)
  } finally {
    for (const slot of slots) pool.release(slot)
  }

  /** Give every beam a slot with the state of the one it continues: that one's own, or a copy. */
  async function spread(next: readonly (Continuation & { readonly from: Open })[]): Promise<Open[]> {
    const inherited = new Set<number>()
    const kept = new Set(next.map(({ from }) => from.slot))
    const free = slots.filter((slot) => !kept.has(slot))
    const beams: Open[] = []
    for (const { from, ...beam } of next) {
      let { slot } = from
      if (inherited.has(slot)) {
        const spare = free.pop()
        if (spare === undefined) slots.push(await pool.allocate(slot))
        else pool.copy(slot, spare)
        slot = spare ?? (slots.at(-1) as number)
      }
      inherited.add(from.slot)
      beams.push({ ...beam, slot, logits: NO_LOGITS })
    }
    return beams
  }
}

/** What is the same for all beams. */
interface Rules {
  readonly width: number
  readonly bias: Constraint['bias']
  /** As `createMask` makes it. */
  readonly mask: Uint32Array
}

/** An id that may continue a beam. */
interface Candidate {
  readonly from: Open
  readonly id: number
  /** Of the beam with it. */
  readonly logprob: number
  readonly weight: number
}

/** The best continuations of one beam, of those that fit: twice as many as go on, since some may end. */
function continuations(from: Open, fitting: Uint32Array | undefined, { width, bias, mask }: Rules): Candidate[] {
  const { logits } = from
  const nudged = logits.slice()
  for (const [id, nudge] of bias) nudged[id] = (nudged[id] as number) + nudge
  const total = logSumExp(logits)
  const nudgedTotal = bias.size > 0 ? logSumExp(nudged) : total
  keepMasked(nudged, mask)
  if (fitting) keepMasked(nudged, fitting)
  return mostProbable(nudged, Math.min(2 * width, logits.length))
    .filter((id) => nudged[id] !== -Infinity)
    .map((id) => ({
      from,
      id,
      logprob: from.logprob + (logits[id] as number) - total,
      weight: from.weight + (nudged[id] as number) - nudgedTotal,
    }))
}

/** What `searchReplies` takes. */
export interface ReplySearch extends BeamOptions, Pick<BeamStart, 'constraint' | 'minTokens'> {
  /** Stays as it is. */
  readonly slot: number
  /** Ids to feed first; at least one. */
  readonly ids: readonly number[]
  /** Texts that end a reply. */
  readonly stop: readonly string[]
  /** More of them, which are looked for behind the white space that it begins with. */
  readonly stopBehindSpace: readonly string[]
  readonly eosTokenId: number
}

/** The `width` best replies in words. */
export async function searchReplies(
  { pool, feeder, tokenizer, banned }: BeamParts & { tokenizer: Tokenizer; banned: readonly number[] },
  { slot, ids, stop, stopBehindSpace, eosTokenId, ...options }: ReplySearch,
): Promise<TextBeam[]> {
  const own = await pool.allocate(slot)
  try {
    const [logits] = await feeder.feed([{ slot: own, ids }], { signal: options.signal })
    const shown = (said: readonly number[]) => createStopFinder(stop, stopBehindSpace).push(decode(tokenizer, said))
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
