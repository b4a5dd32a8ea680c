/**
 * @file What a format is turned into, whichever way it was written: rules over bytes. The automaton reads nodes one by one
 * as it needs them, so a repetition of thousands costs what one costs. Nodes are shared and compared by identity.
 */

/** A part of what may be written. */
export type Node = ByteRange | Sequence | Choice | Repeat | Rule | Texts

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

/** One of the texts from `low` to in front of `high`, whose first `depth` bytes are the same and have been written. */
export interface Texts {
  readonly kind: 'texts'
  readonly list: TextList
  readonly low: number
  readonly high: number
  readonly depth: number
  /** How they go on, byte by byte. Made when it is asked for: see `branchesOf`. */
  branches?: readonly Node[]
}

/** Texts in UTF-8, one behind the other; those that begin alike lie together. */
export interface TextList {
  readonly bytes: Uint8Array
  /** u32 (texts + 1): where each begins, and the last one ends. */
  readonly starts: Uint32Array
}

const SINGLE = Array.from({ length: 256 }, (_, byte): ByteRange => ({ kind: 'byte', from: byte, to: byte }))

export const byteRange = (from: number, to: number): ByteRange =>
  from === to ? (SINGLE[from] as ByteRange) : { kind: 'byte', from, to }

const MOST_PARTS = 16

/** A long sequence is one of short ones, so that a state at its beginning has not expanded all of it. */
export function sequenceOf(of: readonly Node[]): Node {
  if (of.length === 1) return of[0] as Node
  if (of.length <= MOST_PARTS) return { kind: 'sequence', of }
  const groups = Array.from({ length: Math.ceil(of.length / MOST_PARTS) }, (_, i) =>
    sequenceOf(of.slice(i * MOST_PARTS, (i + 1) * MOST_PARTS)),
  )
  return sequenceOf(groups)
}

export const sequence = (...of: readonly Node[]): Node => sequenceOf(of)

export const choiceOf = (of: readonly Node[]): Node => (of.length === 1 ? (of[0] as Node) : { kind: 'choice', of })

export const choice = (...of: readonly Node[]): Node => choiceOf(of)

/** Counts beyond the whole numbers of doubles are as good as those. */
export const repeat = (of: Node, least: number, most = Infinity): Node => ({
  kind: 'repeat',
  of,
  least: Math.min(least, Number.MAX_SAFE_INTEGER),
  most,
})

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
  if (node.kind === 'byte' || node.kind === 'texts') return []
  if (node.kind === 'rule') return [node.body]
  return node.kind === 'repeat' ? [node.of] : node.of
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
