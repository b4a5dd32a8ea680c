/**
 * @file One of many texts, as rules: a trie that is not built. The texts lie in order, those that begin alike together, so
 * a node is a range of them; it is made when the automaton gets there. 20,000 names cost what sorting them costs.
 */

import { byteRange, choiceOf, EMPTY, NOTHING, type Node, sequenceOf, type TextList, type Texts } from './node.ts'

/** One of `texts`, in UTF-8. None holds half a surrogate pair. */
export function oneOf(texts: Iterable<string>): Node {
  const all = [...new Set(texts)].sort()
  const list = listOf(all)
  return all.length === 0 ? NOTHING : nodeOf(list, { low: 0, high: all.length, depth: 0 })
}

/** `text`, in UTF-8. */
export const literal = (text: string): Node => oneOf([text])

/** One of `nodes`; those that are texts are found together, whatever stands between them. */
export function eitherOf(nodes: readonly Node[]): Node {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const texts: string[] = []
  const others = nodes.filter((node) => {
    if (node.kind !== 'texts' || node.depth > 0) return true
    const { bytes, starts } = node.list
    for (let place = node.low; place < node.high; place++)
      texts.push(decoder.decode(bytes.subarray(starts[place], starts[place + 1])))
    return false
  })
  return choiceOf(nodes.length - others.length > 1 ? [oneOf(texts), ...others] : nodes)
}

const encoder = new TextEncoder()

/** Sorted as texts are compared, by units of UTF-16, those lie together that begin with the same bytes. */
function listOf(sorted: readonly string[]): TextList {
  const joined = sorted.join('')
  const bytes = encoder.encode(joined)
  const starts = new Uint32Array(sorted.length + 1)
  const isAscii = bytes.length === joined.length
  for (const [i, text] of sorted.entries())
    starts[i + 1] = (starts[i] as number) + (isAscii ? text.length : encoder.encode(text).length)
  return { bytes, starts }
}

const lengthAt = ({ starts }: TextList, place: number): number =>
  (starts[place + 1] as number) - (starts[place] as number)

/** Texts of which `depth` bytes have been written. */
function nodeOf(list: TextList, { low, high, depth }: Pick<Texts, 'low' | 'high' | 'depth'>): Node {
  if (high - low === 1 && lengthAt(list, low) === depth) return EMPTY
  return { kind: 'texts', list, low, high, depth }
}

const MOST_AT_ONCE = 16 // bytes of a text that is the only one left

/** How the texts of a node go on: one may end here, the others by their next byte. */
export function branchesOf(node: Texts): readonly Node[] {
  node.branches ??= makeBranches(node)
  return node.branches
}

function makeBranches({ list, low, high, depth }: Texts): readonly Node[] {
  const { bytes, starts } = list
  const byteAt = (place: number) => bytes[(starts[place] as number) + depth] as number
  const branches: Node[] = []
  let from = low
  if (lengthAt(list, from) === depth) {
    branches.push(EMPTY) // the shortest of those that begin alike lies first
    from += 1
  }
  while (from < high) {
    const byte = byteAt(from)
    let [same, other] = [from, high] // the last that is known to go on with this byte, the first that is known not to
    while (other - same > 1) {
      const middle = (same + other) >> 1
      if (byteAt(middle) === byte) same = middle
      else other = middle
    }
    const length = other - from === 1 ? Math.min(lengthAt(list, from) - depth, MOST_AT_ONCE) : 1
    const written = Array.from({ length }, (_, i) => bytes[(starts[from] as number) + depth + i] as number)
    const rest = nodeOf(list, { low: from, high: other, depth: depth + length })
    branches.push(sequenceOf([...written.map((one) => byteRange(one, one)), ...(rest === EMPTY ? [] : [rest])]))
    from = other
  }
  return branches
}

const BLOCK = 64 // texts whose shortest is remembered

/** The bytes that nodes take at least, where only some bytes can be said by themselves; Infinity for what cannot be said. */
export function createShortest(isSaid: (byte: number) => boolean): (node: Texts) => number {
  const isAnySaid = Array.from({ length: 256 }, (_, byte) => byte).every(isSaid)
  const known = new Map<TextList, { readonly lengths: Float64Array; readonly blocks: Float64Array }>()

  function lengthsOf(list: TextList) {
    const found = known.get(list)
    if (found) return found
    const { bytes, starts } = list
    const lengths = Float64Array.from({ length: starts.length - 1 }, (_, place) => lengthAt(list, place))
    if (!isAnySaid)
      for (let place = 0; place < lengths.length; place++)
        if (!bytes.subarray(starts[place], starts[place + 1]).every(isSaid)) lengths[place] = Infinity
    const blocks = new Float64Array(Math.ceil(lengths.length / BLOCK)).fill(Infinity)
    for (const [place, length] of lengths.entries())
      blocks[Math.floor(place / BLOCK)] = Math.min(blocks[Math.floor(place / BLOCK)] as number, length)
    known.set(list, { lengths, blocks })
    return { lengths, blocks }
  }

  return ({ list, low, high, depth }) => {
    const { lengths, blocks } = lengthsOf(list)
    let least = Infinity
    for (let place = low; place < high; ) {
      const isBlock = place % BLOCK === 0 && place + BLOCK <= high
      least = Math.min(least, (isBlock ? blocks[place / BLOCK] : lengths[place]) as number)
      place += isBlock ? BLOCK : 1
    }
    return least - depth
  }
}
