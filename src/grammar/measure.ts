/**
 * @file How many bytes each part of a format takes at least, found by passing what is known on to what it is a part of; and
 * the rules that come to themselves before a byte is written, which would be gone through for ever.
 */

import { RwkvError } from '../core/errors.ts'
import type { Meter, Sliced } from '../core/slices.ts'
import { type Node, partsOf } from './node.ts'
import { createShortest } from './texts.ts'

/**
 * Bytes of a node at least; Infinity where it cannot be written.
 * @param isSaid whether a byte can be said by itself
 * @throws RwkvError `option/invalid` if a rule begins with itself
 */
export function* measure(root: Node, isSaid: (byte: number) => boolean, meter: Meter): Sliced<(node: Node) => number> {
  const places = new Map<Node, number>([[root, 0]])
  const nodes: Node[] = [root]
  const parts: number[] = [] // those of one node after those of another
  const ends: number[] = [] // where they end
  for (let place = 0; place < nodes.length; place++) {
    const of = partsOf(nodes[place] as Node)
    for (const part of of) {
      let at = places.get(part)
      if (at === undefined) {
        at = nodes.push(part) - 1
        places.set(part, at)
      }
      parts.push(at)
    }
    ends.push(parts.length)
    if (meter.spend(2 + of.length)) yield meter.rest()
  }
  const graph: Graph = { nodes, parts, ends }
  const { wholes, wholeEnds } = yield* turn(graph, meter)

  const values = new Float64Array(nodes.length).fill(Infinity)
  const known = new Float64Array(nodes.length).fill(Infinity) // what wholes know of each
  const missing = Int32Array.from(ends, (end, place) => end - beginOf(ends, place)) // of a sequence: parts that are not known
  const sums = new Float64Array(nodes.length) // of a sequence: those that are
  const changed: number[] = []
  const shortestOf = createShortest(isSaid)
  const lower = (place: number, value: number) => {
    if (value >= (values[place] as number)) return
    values[place] = value
    changed.push(place)
  }
  for (let place = 0; place < nodes.length; place++) {
    const node = nodes[place] as Node
    if (node.kind === 'sequence' && node.of.length === 0) lower(place, 0)
    if (node.kind === 'repeat' && node.least === 0) lower(place, 0)
    if (node.kind === 'texts') lower(place, shortestOf(node))
    if (node.kind === 'byte') for (let byte = node.from; byte <= node.to; byte++) if (isSaid(byte)) lower(place, 1)
    if (meter.spend(1)) yield meter.rest()
  }
  for (const place of changed) {
    const [value, before] = [values[place] as number, known[place] as number]
    if (value === before) continue
    known[place] = value
    for (let i = beginOf(wholeEnds, place); i < (wholeEnds[place] as number); i++) {
      const whole = wholes[i] as number
      const node = nodes[whole] as Node
      if (node.kind === 'sequence') {
        if (before === Infinity) missing[whole] = (missing[whole] as number) - 1
        sums[whole] = (sums[whole] as number) + value - (before === Infinity ? 0 : before)
        if (missing[whole] === 0) lower(whole, sums[whole] as number)
      } else lower(whole, node.kind === 'repeat' ? node.least * value : value)
      if (meter.spend(1)) yield meter.rest()
    }
  }

  yield* refuseLeftRecursion(graph, values, meter)
  const leastOf = (node: Node): number => {
    const place = places.get(node)
    if (place !== undefined) return values[place] as number
    // Nodes that the automaton has made: what is left of a repetition, and of texts.
    if (node.kind === 'repeat') return node.least > 0 ? node.least * leastOf(node.of) : 0
    if (node.kind === 'texts') return shortestOf(node)
    if (node.kind === 'byte') return isSaid(node.from) ? 1 : Infinity
    return partsOf(node).reduce((sum, part) => sum + leastOf(part), 0)
  }
  return leastOf
}

/** Nodes by their places, and the places of the parts of each, as lists in one. */
interface Graph {
  readonly nodes: readonly Node[]
  readonly parts: readonly number[]
  /** Where the parts of each node end; they begin where those of the one before end. */
  readonly ends: readonly number[]
}

const beginOf = (ends: ArrayLike<number>, place: number): number => (place === 0 ? 0 : (ends[place - 1] as number))

/** What each node is a part of, as often as it is. */
function* turn({ nodes, parts, ends }: Graph, meter: Meter): Sliced<{ wholes: Int32Array; wholeEnds: Int32Array }> {
  const wholeEnds = new Int32Array(nodes.length)
  for (const part of parts) wholeEnds[part] = (wholeEnds[part] as number) + 1
  for (let place = 1; place < nodes.length; place++)
    wholeEnds[place] = (wholeEnds[place] as number) + (wholeEnds[place - 1] as number)
  const next = wholeEnds.slice()
  const wholes = new Int32Array(parts.length)
  for (let whole = 0; whole < nodes.length; whole++) {
    for (let i = beginOf(ends, whole); i < (ends[whole] as number); i++) {
      const part = parts[i] as number
      next[part] = (next[part] as number) - 1
      wholes[next[part] as number] = whole
    }
    if (meter.spend(1)) yield meter.rest()
  }
  return { wholes, wholeEnds }
}

function* refuseLeftRecursion({ nodes, parts, ends }: Graph, values: Float64Array, meter: Meter): Sliced<void> {
  const isDone = new Uint8Array(nodes.length)
  const way: { readonly place: number; next: number }[] = [{ place: 0, next: 0 }] // from the root to where we are
  const isOnWay = new Uint8Array(nodes.length)
  for (let first = 0; first < nodes.length; first++) {
    if (isDone[first]) continue
    way.splice(0, way.length, { place: first, next: 0 })
    isOnWay[first] = 1
    for (let top = way.at(-1); top; top = way.at(-1)) {
      const at = beginOf(ends, top.place) + top.next
      const isSequence = nodes[top.place]?.kind === 'sequence'
      // In a sequence, what follows a part that is not empty is not at the beginning.
      const isBehind = isSequence && top.next > 0 && (values[parts[at - 1] as number] as number) > 0
      const part = isBehind || at >= (ends[top.place] as number) ? undefined : (parts[at] as number)
      top.next += 1
      if (part === undefined) {
        isDone[top.place] = 1
        isOnWay[top.place] = 0
        way.pop()
      } else if (isOnWay[part]) {
        const circle = way.slice(way.findIndex(({ place }) => place === part)).map(({ place }) => nodes[place])
        throw new RwkvError(
          'option/invalid',
          `The rule ${circle.find((node) => node?.kind === 'rule')?.name} begins with itself. Put something before it: repetitions are written with *, not by recursion on the left.`,
        )
      } else if (!isDone[part]) {
        isOnWay[part] = 1
        way.push({ place: part, next: 0 })
      }
      if (meter.spend(1)) yield meter.rest()
    }
  }
}
