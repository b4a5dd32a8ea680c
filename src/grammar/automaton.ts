/**
 * @file A deterministic automaton over bytes, made state by state as it is walked. A state is a set of places; a place is a
 * stack: a byte to come, and below it what follows. Stacks share what they have in common, so recursion needs nothing of
 * its own. Places from which the end cannot be reached are left out: from every state there is a way to the end.
 */

import type { Meter, Sliced } from '../core/slices.ts'
import { MOST_STATE_STEPS, tooLarge } from './cost.ts'
import { measure } from './measure.ts'
import {
  type ByteRange,
  byteRange,
  choiceOf,
  createRule,
  EMPTY,
  type Node,
  type Rule,
  restOf,
  sequence,
} from './node.ts'
import { branchesOf } from './texts.ts'

/** States are numbers; 0 is that of what cannot be continued. */
export interface Automaton {
  readonly start: number
  /** The state after one more byte. */
  step(state: number, byte: number): number
  /** i32 (states, 256): the state after each byte, -1 while not known: ask `step`. Another array once it has grown. */
  readonly table: Int32Array
  /** By state: bytes to the end, at least; Infinity for state 0. Grows. */
  readonly least: readonly number[]
  /** True if what was written may end here. */
  accepts(state: number): boolean
  /** True if it must. */
  isEnd(state: number): boolean
  /** Memory it takes, about. */
  readonly byteLength: number
  /** Steps it has taken so far. One state takes at most `MOST_STATE_STEPS`, or is refused. */
  readonly steps: number
}

/** A place: a node to be written, and what follows it. */
interface Place {
  readonly id: number
  /** Absent: the end. */
  readonly node?: Node
  readonly next: Place
  /** Bytes from here to the end, at least. */
  readonly least: number
  /** Places by what is to be written before this one. */
  before?: Map<Node, Place>
  /** The bytes it may begin with. */
  opened?: readonly Place[]
  /** The state of these alone. */
  state?: number
}

const DEAD = 0
const UNKNOWN = -1
const STATE_STEPS = 30 // of the row of a state that has next to no places

/**
 * An automaton of what `root` allows.
 * @param leastOf the bytes each of its nodes takes at least, as `measure` found them
 */
export function createAutomaton(root: Node, leastOf: (node: Node) => number): Automaton {
  let steps = 0
  let mostSteps = MOST_STATE_STEPS // by the end of the state at hand
  const spend = (more: number) => {
    steps += more
    if (steps > mostSteps) throw tooLarge('it leaves more open at one place than is bearable')
  }
  let places = 0
  const place = (node: Node, next: Place): Place => {
    let found = next.before?.get(node)
    if (!found) {
      found = { id: ++places, node, next, least: leastOf(node) + next.least }
      next.before ??= new Map()
      next.before.set(node, found)
    }
    return found
  }

  /** The places at a byte, or at the end, that can be had from `from` without writing anything. */
  function open(from: Place): readonly Place[] {
    if (from.opened) return from.opened
    const seen = new Set([from])
    const add = (one: Place) => one.least < Infinity && seen.add(one)
    const found: Place[] = []
    for (const one of seen) {
      const { node, next } = one
      spend(1)
      if (node === undefined || node.kind === 'byte') found.push(one)
      else if (node.kind === 'sequence') add(node.of.reduceRight((rest, part) => place(part, rest), next))
      else if (node.kind === 'choice' || node.kind === 'texts') {
        const parts = node.kind === 'choice' ? node.of : branchesOf(node)
        spend(parts.length)
        for (const part of parts) add(place(part, next))
      } else if (node.kind === 'rule') add(place(node.body, next))
      else {
        if (node.least === 0) add(next)
        if (node.most > 0) add(place(node.of, place(restOf(node), next)))
      }
    }
    from.opened = found
    return found
  }

  const states: (readonly Place[])[] = []
  const least: number[] = []
  let table = new Int32Array(16 * 256).fill(UNKNOWN)
  const known = new Map<string, number>()
  const stateOf = (set: ReadonlySet<Place>): number => {
    spend(set.size)
    const places = [...set].sort((a, b) => a.id - b.id)
    const key = places.map(({ id }) => id).join()
    let state = known.get(key)
    if (state === undefined) {
      state = states.push(places) - 1
      least.push(places.reduce((least, place) => Math.min(least, place.least), Infinity))
      known.set(key, state)
      if (states.length * 256 > table.length) {
        const larger = new Int32Array(table.length * 2).fill(UNKNOWN)
        larger.set(table)
        table = larger
      }
    }
    return state
  }
  const at = (state: number) => states[state] as readonly Place[]

  const end: Place = { id: 0, next: undefined as never, least: 0 }
  stateOf(new Set()) // DEAD
  const first = place(root, end)
  const start = first.least < Infinity ? stateOf(new Set(open(first))) : DEAD

  /** The row of a state. */
  function fill(state: number): void {
    mostSteps = steps + MOST_STATE_STEPS
    const heads = at(state).filter(isAtByte)
    heads.sort((a, b) => a.node.from - b.node.from)
    // Between two cuts, all bytes lead to the same places.
    const cuts = [...new Set(heads.flatMap(({ node: { from, to } }) => [from, to + 1]))].sort((a, b) => a - b)
    spend(STATE_STEPS + heads.length + cuts.length)
    let coming = 0 // the first head that begins behind the cut
    let begun: (typeof heads)[number][] = []
    const targets = cuts.map((cut) => {
      begun = begun.filter(({ node }) => node.to >= cut)
      for (let head = heads[coming]; head && head.node.from === cut; head = heads[++coming]) begun.push(head)
      const [first, second] = begun
      if (!first) return DEAD
      if (!second) {
        first.next.state ??= stateOf(new Set(open(first.next)))
        return first.next.state
      }
      const all = new Set<Place>()
      for (const { next } of begun) {
        const opened = open(next)
        spend(1 + opened.length)
        for (const place of opened) all.add(place)
      }
      return stateOf(all)
    })
    const row = table.subarray(state * 256, state * 256 + 256).fill(DEAD)
    for (const [i, cut] of cuts.entries()) row.fill(targets[i] as number, cut, cuts[i + 1])
  }

  return {
    start,
    step(state, byte) {
      if (table[state * 256] === UNKNOWN) fill(state)
      return table[state * 256 + byte] as number
    },
    get table() {
      return table
    },
    least,
    accepts: (state) => at(state)[0] === end,
    isEnd: (state) => at(state)[0] === end && at(state).length === 1,
    get byteLength() {
      return states.length * 1100 + places * 150
    },
    get steps() {
      return steps
    },
  }
}

const isAtByte = (place: Place): place is Place & { readonly node: ByteRange } => place.node?.kind === 'byte'

function rowOf(automaton: Automaton, state: number): Int32Array {
  automaton.step(state, 0)
  return automaton.table.subarray(state * 256, state * 256 + 256)
}

const isAny = () => true
const PAIR_STEPS = 40

/** What both allow; or, with `minus`, what the first allows and the second does not. Neither may be recursive. */
export function* combine(first: Node, second: Node, how: 'both' | 'minus', meter: Meter): Sliced<Node> {
  const a = createAutomaton(first, yield* measure(first, isAny, meter))
  const b = createAutomaton(second, yield* measure(second, isAny, meter))
  const rules = new Map<string, Rule>()
  const pairs: { rule: Rule; x: number; y: number }[] = []
  const ruleOf = (x: number, y: number): Rule => {
    const key = `${x} ${y}`
    let rule = rules.get(key)
    if (!rule) {
      rule = createRule(key)
      rules.set(key, rule)
      pairs.push({ rule, x, y })
    }
    return rule
  }
  const root = ruleOf(a.start, b.start)
  for (const { rule, x, y } of pairs) {
    const before = a.steps + b.steps
    const [rowX, rowY] = [rowOf(a, x), rowOf(b, y)]
    const parts: Node[] = a.accepts(x) && b.accepts(y) === (how === 'both') ? [EMPTY] : []
    for (let from = 0, to = 0; from < 256; from = to) {
      const [toX, toY] = [rowX[from] as number, rowY[from] as number]
      while (to < 256 && rowX[to] === toX && rowY[to] === toY) to += 1
      if (toX === DEAD || (how === 'both' && toY === DEAD)) continue
      parts.push(sequence(byteRange(from, to - 1), ruleOf(toX, toY)))
    }
    rule.body = choiceOf(parts)
    if (meter.spend(PAIR_STEPS + 4 * parts.length + a.steps + b.steps - before)) yield meter.rest()
  }
  return root
}
