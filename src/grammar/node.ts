/**
 * @file What a format is turned into, whichever way it was written: rules over bytes. The automaton reads nodes one by one
 * as it needs them, so a repetition of thousands costs what one costs. Nodes are shared and compared by identity.
 */

/** A part of what may be written. */
export type Node = ByteRange | Sequence | Choice | Repeat | Rule

/** One byte from `from` to `to`. */
export interface ByteRange {
  readonly kind: 'byte'
  readonly from: number
  readonly to: number
}

/** One after the other; of no parts: nothing is written. */
export interface Sequence {
  readonly kind: 'sequence'
  readonly of: readonly Node[]
}

/** One of them; of no parts: nothing that is written will do. */
export interface Choice {
  readonly kind: 'choice'
  readonly of: readonly Node[]
}

/** `of` again and again. */
export interface Repeat {
  readonly kind: 'repeat'
  readonly of: Node
  readonly least: number
  readonly most: number
  /** What is left after one of them. Made when it is asked for. */
  rest?: Repeat
}

/** What has a name, and may be used within itself. */
export interface Rule {
  readonly kind: 'rule'
  /** For messages. */
  readonly name: string
  /** Set once the rule is known. */
  body: Node
}

export const byteRange = (from: number, to: number): ByteRange => ({ kind: 'byte', from, to })

export const sequence = (...of: readonly Node[]): Node => (of.length === 1 ? (of[0] as Node) : { kind: 'sequence', of })

export const choice = (...of: readonly Node[]): Node => (of.length === 1 ? (of[0] as Node) : { kind: 'choice', of })

export const repeat = (of: Node, least: number, most = Infinity): Node => ({ kind: 'repeat', of, least, most })

/** Writes nothing. */
export const EMPTY = sequence()

/** Cannot be written. */
export const NOTHING = choice()

/** A rule that does not know yet what it is. */
export const createRule = (name: string): Rule => ({ kind: 'rule', name, body: NOTHING })

/** A repetition after one more of it. */
export function restOf(node: Repeat): Repeat {
  if (node.least === 0 && node.most === Infinity) return node
  node.rest ??= { kind: 'repeat', of: node.of, least: Math.max(0, node.least - 1), most: node.most - 1 }
  return node.rest
}

/** The parts of a node. */
export function partsOf(node: Node): readonly Node[] {
  if (node.kind === 'byte') return []
  if (node.kind === 'rule') return [node.body]
  return node.kind === 'repeat' ? [node.of] : node.of
}

/** One of `texts`, in UTF-8. What they have in common at their beginning is read once. */
export function oneOf(texts: Iterable<string>): Node {
  const encoder = new TextEncoder()
  return oneOfBytes(Array.from(new Set(texts), (text) => encoder.encode(text)))
}

/** `text`, in UTF-8. */
export const literal = (text: string): Node => oneOf([text])

function oneOfBytes(texts: readonly Uint8Array[]): Node {
  const rests = new Map<number, Uint8Array[]>()
  const parts: Node[] = []
  for (const text of texts) {
    const [first] = text
    if (first === undefined) parts.push(EMPTY)
    else rests.set(first, [...(rests.get(first) ?? []), text.subarray(1)])
  }
  for (const [first, rest] of rests) {
    const one = byteRange(first, first)
    parts.push(rest.some(({ length }) => length > 0) ? sequence(one, oneOfBytes(rest)) : one)
  }
  return choice(...parts)
}

/**
 * The texts of one length, byte by byte between `low` and `high` in their order, whose bytes all lie between `least` and
 * `most`: numerals of digits, characters of UTF-8.
 */
export function between(low: readonly number[], high: readonly number[], least: number, most: number): Node {
  const [first = 0, ...lows] = low
  const [last = 0, ...highs] = high
  if (lows.length === 0) return byteRange(first, last)
  if (first === last) return sequence(byteRange(first, first), between(lows, highs, least, most))
  const parts: Node[] = []
  let from = first
  let to = last
  if (lows.some((byte) => byte !== least)) {
    const top = lows.map(() => most)
    parts.push(sequence(byteRange(from, from), between(lows, top, least, most)))
    from += 1
  }
  if (highs.some((byte) => byte !== most)) {
    const bottom = highs.map(() => least)
    parts.push(sequence(byteRange(to, to), between(bottom, highs, least, most)))
    to -= 1
  }
  if (from <= to) parts.push(sequence(byteRange(from, to), ...lows.map(() => byteRange(least, most))))
  return choice(...parts)
}
