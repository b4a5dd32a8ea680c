/**
 * @file A deterministic automaton over bytes, made state by state as it is walked. A state is a set of places; a place is a
 * stack: a byte to come, and below it what follows. Stacks share what they have in common, so recursion needs nothing of
 * its own. Places from which the end cannot be reached are left out: from every state there is a way to the end.
 */

import { RwkvError } from '../core/errors.ts'
import {
  type ByteRange,
  byteRange,
  choice,
  createRule,
  EMPTY,
  type Node,
  partsOf,
  type Rule,
  restOf,
  sequence,
} from './node.ts'

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
  /** States made so far. */
  readonly size: number
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

const MOST_PLACES = 20_000 // of one state
const DEAD = 0
const UNKNOWN = -1

/**
 * An automaton of what `root` allows.
 * @param isSaid whether a byte can be said by itself: the way to the end is one of such bytes. Default: all can.
 * @throws RwkvError `option/invalid` if a rule begins with itself
 */
export function createAutomaton(root: Node, isSaid: (byte: number) => boolean = () => true): Automaton {
  const leastOf = measure(root, isSaid)
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
      if (seen.size > MOST_PLACES) throw tooLarge('the grammar')
      if (node === undefined || node.kind === 'byte') found.push(one)
      else if (node.kind === 'sequence') add(node.of.reduceRight((rest, part) => place(part, rest), next))
      else if (node.kind === 'choice') for (const part of node.of) add(place(part, next))
      else if (node.kind === 'rule') add(place(node.body, next))
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
    const heads = at(state).filter(isAtByte)
    // Between two cuts, all bytes lead to the same places.
    const cuts = [...new Set(heads.flatMap(({ node: { from, to } }) => [from, to + 1]))].sort((a, b) => a - b)
    const targets = cuts.map((cut) => {
      const begun = heads.filter(({ node: { from, to } }) => from <= cut && cut <= to)
      const [first, second] = begun
      if (!first) return DEAD
      if (second) return stateOf(new Set(begun.flatMap(({ next }) => open(next))))
      first.next.state ??= stateOf(new Set(open(first.next)))
      return first.next.state
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
    get size() {
      return states.length
    },
  }
}

const isAtByte = (place: Place): place is Place & { readonly node: ByteRange } => place.node?.kind === 'byte'

const tooLarge = (what: string) =>
  new RwkvError('option/invalid', `The format is too large: ${what} has more than is bearable. Make it simpler.`)

/** How many bytes each node takes at least. Shortest ways through the rules are found by going round until none changes. */
function measure(root: Node, isSaid: (byte: number) => boolean): (node: Node) => number {
  const places = new Map<Node, number>([[root, 0]])
  const nodes: Node[] = [root]
  const parts: (readonly number[])[] = []
  for (const node of nodes) {
    parts.push(
      partsOf(node).map((part) => {
        const place = places.get(part) ?? nodes.push(part) - 1
        places.set(part, place)
        return place
      }),
    )
  }
  const values = new Float64Array(nodes.length).fill(Infinity)
  const valueAt = (place: number) => values[place] as number
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i] as Node
      const of = parts[i] as readonly number[]
      let value = Infinity
      if (node.kind === 'byte') {
        for (let byte = node.from; byte <= node.to && value > 1; byte++) if (isSaid(byte)) value = 1
      } else if (node.kind === 'sequence') value = of.reduce((sum, part) => sum + valueAt(part), 0)
      else if (node.kind === 'repeat') value = node.least === 0 ? 0 : node.least * valueAt(of[0] as number)
      else value = of.reduce((least, part) => Math.min(least, valueAt(part)), Infinity)
      if (value === values[i]) continue
      values[i] = value
      isChanged = true
    }
  }
  const leastOf = (node: Node): number => {
    const place = places.get(node)
    if (place !== undefined) return valueAt(place)
    return node.kind === 'repeat' && node.least > 0 ? node.least * leastOf(node.of) : 0 // what is left of one
  }
  refuseLeftRecursion(
    nodes.filter((node) => node.kind === 'rule'),
    leastOf,
  )
  return leastOf
}

/** A rule that comes to itself before a byte is written would be gone through for ever. */
function refuseLeftRecursion(rules: readonly Rule[], leastOf: (node: Node) => number): void {
  const done = new Set<Rule>()
  const open = new Set<Rule>()
  const walk = (node: Node): void => {
    if (node.kind === 'sequence') {
      for (const part of node.of) {
        walk(part)
        if (leastOf(part) > 0) return
      }
    } else if (node.kind === 'rule') {
      if (done.has(node)) return
      if (open.has(node))
        throw new RwkvError(
          'option/invalid',
          `The rule ${node.name} begins with itself. Put something before it: repetitions are written with *, not by recursion on the left.`,
        )
      open.add(node)
      walk(node.body)
      done.add(node)
    } else for (const part of partsOf(node)) walk(part)
  }
  for (const rule of rules) walk(rule)
}

function rowOf(automaton: Automaton, state: number): Int32Array {
  automaton.step(state, 0)
  return automaton.table.subarray(state * 256, state * 256 + 256)
}

const MOST_PAIRS = 20_000

/** What both allow; or, with `minus`, what the first allows and the second does not. Neither may be recursive. */
export function combine(first: Node, second: Node, how: 'both' | 'minus' = 'both'): Node {
  const [a, b] = [createAutomaton(first), createAutomaton(second)]
  const rules = new Map<string, Rule>()
  const pairs: { rule: Rule; x: number; y: number }[] = []
  const ruleOf = (x: number, y: number): Rule => {
    const key = `${x} ${y}`
    let rule = rules.get(key)
    if (!rule) {
      rule = createRule(key)
      rules.set(key, rule)
      if (pairs.push({ rule, x, y }) > MOST_PAIRS) throw tooLarge('what several of its keywords ask of one text')
    }
    return rule
  }
  const root = ruleOf(a.start, b.start)
  for (const { rule, x, y } of pairs) {
    const [rowX, rowY] = [rowOf(a, x), rowOf(b, y)]
    const parts: Node[] = a.accepts(x) && b.accepts(y) === (how === 'both') ? [EMPTY] : []
    for (let from = 0, to = 0; from < 256; from = to) {
      const [toX, toY] = [rowX[from] as number, rowY[from] as number]
      while (to < 256 && rowX[to] === toX && rowY[to] === toY) to += 1
      if (toX === DEAD || (how === 'both' && toY === DEAD)) continue
      parts.push(sequence(byteRange(from, to - 1), ruleOf(toX, toY)))
    }
    rule.body = choice(...parts)
  }
  return root
}
