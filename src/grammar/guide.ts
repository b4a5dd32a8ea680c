/**
 * @file What a format allows to be said next, token by token: the automaton walked along the vocabulary. The ids that may
 * follow a state are found once for each state and kept.
 */

import { RwkvError } from '../core/errors.ts'
import type { Meter, Sliced } from '../core/slices.ts'
import { type Automaton, createAutomaton } from './automaton.ts'
import { meterOfMask } from './cost.ts'
import { measure } from './measure.ts'
import type { Node } from './node.ts'
import type { SortedTokens } from './tokens.ts'

/** Ids that may come next. Not to be changed. */
export interface TokenMask {
  /** u32 (⌈V/32⌉): bit `id % 32` of word `⌊id/32⌋` is set for each of them. */
  readonly bits: Uint32Array
  /** How many they are, the end of the text not counted. */
  readonly choices: number
}

/** Follows one reply. */
export interface Guide {
  /**
   * What may come next. As long as the reply can be brought to its end in `left` tokens, so it can after each of them.
   * Gives way while it is looked for; nothing else may be asked of this guide until it is found.
   * @param left how many tokens may still be said, this one included
   * @throws RwkvError `option/invalid` if finding it takes more than is bearable
   */
  mask(left: number): Sliced<TokenMask>
  /** `id`, one of the mask and not the end of the text, was said. */
  accept(id: number): void
  /** Another that has followed the same, for a reply that goes on in another way. */
  fork(): Guide
  /** True if what was said is whole. */
  readonly isWhole: boolean
  /** True if it is, and nothing may follow. */
  readonly isOver: boolean
}

/** A format, made ready for a vocabulary. */
export interface Format {
  /** For another reply. */
  start(): Guide
  /** States and masks that it holds, in bytes, about. */
  readonly byteLength: number
}

interface FoundMask extends TokenMask {
  /** The longest of the shortest ways to the end, in bytes, after any id that may follow; above the budget if ids were left out. */
  readonly most: number
}

const MOST_MASK_BYTES = 16 * 1024 * 1024
const MOST_AUTOMATON_BYTES = 24 * 1024 * 1024
const TOKENS_AT_ONCE = 1024
const TOKENS_STEPS = 256 // about what it takes to go through them

/**
 * Make a format ready. Its way to the end is one of tokens of a single byte, so that it never needs more of them than
 * bytes, and is there whatever the vocabulary cuts characters into.
 * @param mostBytes of memory for what is found out about it, about, before that is forgotten
 * @throws RwkvError `option/invalid` if it allows nothing that these tokens can say
 */
export function* createFormat(
  root: Node,
  tokens: SortedTokens,
  eosTokenId: number,
  meter: Meter,
  mostBytes: number = MOST_AUTOMATON_BYTES,
): Sliced<Format> {
  const { V, ids, places, shared, starts, bytes } = tokens
  const leastOf = yield* measure(root, (byte) => tokens.single[byte] === 1, meter)
  let automaton = createAutomaton(root, leastOf)
  if (automaton.least[automaton.start] === Infinity || automaton.start === 0)
    throw new RwkvError(
      'option/invalid',
      'The format allows nothing that can be written: what it asks contradicts itself, or the tokens it takes are not allowed.',
    )
  const words = Math.ceil(V / 32)
  const masks = new Map<number, FoundMask>()
  let walks = 0 // under way: their states must stay
  let room = mostBytes

  /** All ids behind which the end is at most `within` bytes away. */
  function* find(state: number, within: number): Sliced<FoundMask> {
    const meter = meterOfMask()
    const { least } = automaton
    const path = new Int32Array(tokens.longest + 1) // the states along the token that was walked last
    const bits = new Uint32Array(words)
    let choices = 0
    let most = 0
    let walked = 0 // how far the last token could be followed
    let { table } = automaton
    path[0] = state
    for (let i = 0; i < ids.length; i++) {
      if (i % TOKENS_AT_ONCE === 0 && meter.spend(TOKENS_STEPS)) yield meter.rest()
      let depth = shared[i] as number
      if (depth > walked) continue // it shares what was not allowed
      const start = starts[i] as number
      const length = (starts[i + 1] as number) - start
      let at = path[depth] as number
      while (depth < length) {
        const byte = bytes[start + depth] as number
        let next = table[at * 256 + byte] as number
        if (next < 0) {
          const before = automaton.steps
          next = automaton.step(at, byte)
          if (meter.spend(automaton.steps - before)) yield meter.rest()
          table = automaton.table
        }
        if (next === 0) break
        at = next
        path[++depth] = at
      }
      walked = depth
      if (depth < length) continue
      const rest = least[at] as number
      if (rest > most) most = rest
      if (rest > within) continue
      const id = ids[i] as number
      bits[id >>> 5] = (bits[id >>> 5] as number) | (1 << (id & 31))
      choices += 1
    }
    if (automaton.accepts(state)) bits[eosTokenId >>> 5] = (bits[eosTokenId >>> 5] as number) | (1 << (eosTokenId & 31))
    return { bits, choices, most }
  }

  /** What was found out so far is forgotten when it takes too much memory: long replies go on without it. */
  function forget(): void {
    if (walks > 0 || automaton.byteLength <= room) return
    automaton = createAutomaton(root, leastOf)
    masks.clear()
    room += mostBytes / 8 // so that a long reply is not walked again and again
  }

  /** A guide that has followed `said`, which brought `current` to `state`. */
  function guideAt(said: number[], of: Automaton, reached: number): Guide {
    let current = of
    let state = reached
    const walk = (id: number) => {
      const place = places[id] as number
      for (let at = starts[place] as number; at < (starts[place + 1] as number); at++)
        state = automaton.step(state, bytes[at] as number)
    }
    /** The state, of the automaton that there is now. */
    const here = (): number => {
      if (current !== automaton) {
        current = automaton
        state = automaton.start
        said.forEach(walk)
      }
      return state
    }
    return {
      *mask(left) {
        forget()
        const at = here()
        const within = (automaton.least[at] as number) > left ? Infinity : left - 1
        const known = masks.get(at)
        if (known && known.most <= within) return known
        walks += 1
        try {
          const found = yield* find(at, within)
          if (found.most <= within) {
            if (masks.size * words * 4 > MOST_MASK_BYTES) masks.clear()
            masks.set(at, found)
          }
          return found
        } finally {
          walks -= 1
        }
      },
      accept(id) {
        here()
        walk(id)
        said.push(id)
      },
      fork: () => guideAt([...said], current, state),
      get isWhole() {
        return automaton.accepts(here())
      },
      get isOver() {
        return automaton.isEnd(here())
      },
    }
  }

  return {
    start: () => guideAt([], automaton, automaton.start),
    get byteLength() {
      return automaton.byteLength + masks.size * words * 4
    },
  }
}
