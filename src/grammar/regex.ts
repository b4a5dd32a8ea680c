/**
 * @file Regular expressions of ECMAScript: what of them is regular. The platform judges the syntax, so only what is sound
 * is read here.
 */

import { RwkvError } from '../core/errors.ts'
import { createMeter, finish, type Meter, type Sliced } from '../core/slices.ts'
import { withCases } from './case.ts'
import { ANY, type CodeRange, invert, LAST, type WriteCharacters, writePlain, writtenAs } from './characters.ts'
import { NOTHING, type Node, repeat, sequenceOf } from './node.ts'
import { eitherOf, literal } from './texts.ts'

/** How a pattern is meant. */
export interface RegexOptions {
  /** True: the text holds a match. False (default): the text is one. */
  readonly isSearch?: boolean
  readonly write?: WriteCharacters
  /** As of a `RegExp`; default: `u`. Those that change nothing about which whole texts match are taken and do nothing. */
  readonly flags?: string
}

const code = (character: string): number => character.codePointAt(0) as number
const one = (character: string): CodeRange => [code(character), code(character)]

const DIGITS: readonly CodeRange[] = [[0x30, 0x39]]
const WORD: readonly CodeRange[] = [...DIGITS, [0x41, 0x5a], one('_'), [0x61, 0x7a]]
const SPACE: readonly CodeRange[] = [
  [0x09, 0x0d],
  ...Array.from(' \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff', one),
  [0x2000, 0x200a],
]
const LINE_ENDS = Array.from('\n\r\u2028\u2029', one)
const IN_LINE = invert(LINE_ENDS)
const CLASSES: ReadonlyMap<string, readonly CodeRange[]> = new Map([
  ['d', DIGITS],
  ['w', WORD],
  ['s', SPACE],
  ['D', invert(DIGITS)],
  ['W', invert(WORD)],
  ['S', invert(SPACE)],
])
const CONTROLS: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', 0: '\0' }),
)

const FIRST_ASTRAL = 0x10000
const ASTRAL: readonly CodeRange[] = [[FIRST_ASTRAL, LAST]]
const SURROGATES: CodeRange = [0xd800, 0xdfff]
const MOST_LENGTH = 100_000
const ATOM_STEPS = 5 // of a character, a set or a group
const MOST_DEPTH = 200

/** Characters, or more than a set of them; what is beyond U+FFFF is two units of text without the flag u. */
type Atom = { readonly ranges: readonly CodeRange[] } | { readonly node: Node; readonly isPair?: boolean }

/** A member of a set; a class is no end of a range. */
interface Member {
  readonly ranges: readonly CodeRange[]
  readonly isClass?: boolean
}

/** What `pattern`, a short one, matches. @throws as `readRegex` */
export function parseRegex(pattern: string, options?: RegexOptions): Node {
  return finish(readRegex(pattern, createMeter({ most: Infinity, slice: Infinity, refuse: RangeError }), options))
}

/**
 * What `pattern` matches.
 * @throws RwkvError `option/invalid` naming what is no pattern, or not regular
 */
export function* readRegex(
  pattern: string,
  meter: Meter,
  { isSearch = false, write = writePlain, flags = 'u' }: RegexOptions = {},
): Sliced<Node> {
  const refuse = (what: string) => {
    const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern
    return new RwkvError('option/invalid', `The pattern ${JSON.stringify(shown)} cannot be kept to: ${what}.`)
  }
  if (pattern.length > MOST_LENGTH)
    throw refuse(`it is ${pattern.length} characters long; at most ${MOST_LENGTH} are read`)
  const unknown = /[^dgimsuy]|(.).*\1/.exec(flags)
  if (unknown) throw refuse(`there is no flag ${unknown[0]} here; expected some of dgimsuy`)
  const isUnicode = flags.includes('u')
  const isCaseless = flags.includes('i')
  try {
    new RegExp(pattern, isUnicode ? 'u' : '')
  } catch (error) {
    const which = isUnicode ? 'with the flag u' : 'without the flag u'
    throw refuse(`it is no regular expression ${which} (${error instanceof Error ? error.message : error})`)
  }
  const text = isUnicode ? Array.from(pattern) : pattern.split('') // what `.` and sets stand for: characters, or units
  let at = 0
  const take = (wanted: string): boolean => {
    for (let i = 0; i < wanted.length; i++) if (text[at + i] !== wanted[i]) return false
    at += wanted.length
    return true
  }
  const takeUntil = (end: string): string => {
    const from = at
    at = text.indexOf(end, at) + 1
    return text.slice(from, at - 1).join('')
  }
  /** `ahead` as the next characters match it. */
  const takeMatch = (ahead: RegExp, longest: number): RegExpExecArray | null => {
    const found = ahead.exec(text.slice(at, at + longest).join(''))
    if (found) at += found[0].length
    return found
  }
  const closed = cached((ranges) => (isCaseless ? withCases(ranges, isUnicode) : ranges))
  const writeOnce = cached(write)
  /** Without the flag u, what is beyond U+FFFF is two units, and written where their number has no end. */
  const written = (ranges: readonly CodeRange[], isEndless = false): Node => {
    if (isUnicode) return writeOnce(ranges)
    const holdsHalves = isEndless && invert(ranges).every(([from, to]) => to < SURROGATES[0] || from > SURROGATES[1])
    const short = ranges.flatMap(([from, to]): CodeRange[] =>
      from < FIRST_ASTRAL ? [[from, Math.min(to, FIRST_ASTRAL - 1)]] : [],
    )
    return writeOnce(holdsHalves ? [...short, ...ASTRAL] : short)
  }
  /** The one character that `ranges` hold, if it can be written. */
  const single = ([first, second]: readonly CodeRange[]): string | undefined => {
    if (!first || second || first[0] !== first[1] || (first[0] >= SURROGATES[0] && first[0] <= SURROGATES[1]))
      return undefined
    return isUnicode || first[0] < FIRST_ASTRAL ? String.fromCodePoint(first[0]) : undefined
  }
  const anything = repeat(write(ANY), 0)

  function* alternatives(depth: number): Sliced<Node> {
    if (depth > MOST_DEPTH) throw refuse(`its groups lie more than ${MOST_DEPTH} deep in each other`)
    const all: Node[] = []
    do {
      const parts: Node[] = []
      let plain = '' // characters that stand for themselves, not yet among the parts
      const flush = () => {
        if (plain !== '') parts.push(literal(writtenAs(write, plain)))
        plain = ''
      }
      const isBegun = depth === 0 && take('^')
      let isEnded = false
      while (at < text.length && text[at] !== '|' && text[at] !== ')') {
        if (depth === 0 && text[at] === '$' && (at + 1 === text.length || text[at + 1] === '|')) {
          isEnded = true
          at += 1
        } else {
          const part = quantified(take('(') ? { node: yield* group(depth + 1) } : atom())
          if (meter.spend(ATOM_STEPS)) yield meter.rest()
          if (typeof part === 'string') plain += part
          else {
            flush()
            parts.push(part)
          }
        }
      }
      flush()
      if (isSearch && depth === 0 && !isBegun) parts.unshift(anything)
      if (isSearch && depth === 0 && !isEnded) parts.push(anything)
      all.push(sequenceOf(parts))
    } while (take('|'))
    return eitherOf(all)
  }

  /** A character that stands for itself, or a node. */
  function quantified(part: Atom): Node | string {
    const bounds = quantifier()
    if (!bounds) return 'ranges' in part ? (single(part.ranges) ?? written(part.ranges)) : part.node
    take('?') // lazy or not: the same texts match
    const [least, most] = bounds
    if ('ranges' in part) return repeat(written(part.ranges, most === Infinity), least, most)
    if (part.isPair) return least <= 1 && most >= 1 ? part.node : NOTHING // its second half alone is repeated
    return repeat(part.node, least, most)
  }

  function quantifier(): readonly [least: number, most: number] | undefined {
    if (take('*')) return [0, Infinity]
    if (take('+')) return [1, Infinity]
    if (take('?')) return [0, 1]
    if (text[at] !== '{') return undefined
    const counts = takeMatch(/^\{(\d+)(,?)(\d*)\}/, 1000)
    if (!counts && takeMatch(/^\{\d{400}/, 401)) throw refuse('it counts too far')
    if (!counts) return undefined // without the flag u, a brace that counts nothing stands for itself
    const [, least, comma, most] = counts
    return [Number(least), most ? Number(most) : comma ? Infinity : Number(least)]
  }

  function* group(depth: number): Sliced<Node> {
    if (take('?')) {
      if (take('=') || take('!') || take('<=') || take('<!')) throw refuse('it looks ahead or behind')
      if (take('<')) takeUntil('>')
      else if (!take(':')) throw refuse('it changes flags within')
    }
    const inner = yield* alternatives(depth)
    take(')')
    return inner
  }

  function atom(): Atom {
    const character = text[at++] as string
    if (character === '[') return { ranges: set() }
    if (character === '.') return { ranges: flags.includes('s') ? ANY : IN_LINE }
    if (character === '^' || character === '$')
      throw refuse(`${character} is known at the beginning and the end of the whole alone`)
    const ranges = character === '\\' ? escaped(true).ranges : [one(character + secondHalf(character))]
    const isPair = !isUnicode && ranges.length === 1 && (ranges[0] as CodeRange)[0] >= FIRST_ASTRAL
    return isPair ? { node: write(ranges), isPair } : { ranges: closed(ranges) }
  }

  /** Where text is read in units: the unit that makes one character of this one. */
  function secondHalf(unit: string): string {
    const isPair = /^[\ud800-\udbff]$/.test(unit) && /^[\udc00-\udfff]$/.test(text[at] ?? '')
    return isPair ? (text[at++] as string) : ''
  }

  /** What stands behind a backslash. */
  function escaped(isOutside: boolean): Member {
    const letter = text[at++] as string
    const known = CLASSES.get(letter)
    if (known) return { ranges: letter === 'W' ? invert(closed(WORD)) : known, isClass: true }
    const hex = (length: number): number | undefined => {
      const digits = takeMatch(length === 2 ? /^[\da-f]{2}/i : /^[\da-f]{4}/i, length)
      return digits ? Number.parseInt(digits[0], 16) : undefined
    }
    const single = (value: number): Member => ({ ranges: [[value, value]] })
    if (/[1-9k]/.test(letter) || (letter === '0' && /\d/.test(text[at] ?? '')))
      throw refuse(`\\${letter} refers back to a group, or is an octal number`)
    const control = CONTROLS.get(letter)
    if (control !== undefined) return { ranges: [one(control)] }
    if (letter === 'x') return single(hex(2) ?? code('x'))
    if (letter === 'c') {
      const [control] = takeMatch(/^[a-zA-Z]/, 1) ?? []
      if (control === undefined) throw refuse('\\c names no control character')
      return single(code(control) % 32)
    }
    if (letter === 'u') {
      if (isUnicode && take('{')) return single(Number.parseInt(takeUntil('}'), 16))
      const first = hex(4)
      if (first === undefined) return single(code('u'))
      const back = at
      const isHigh = first >= 0xd800 && first < 0xdc00 && (isUnicode || isOutside)
      const second = isHigh && take('\\u') ? hex(4) : undefined
      if (second !== undefined && second >= 0xdc00 && second < 0xe000)
        return single(0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00))
      at = back
      return single(first)
    }
    if ((isOutside && /[bB]/.test(letter)) || (isUnicode && /[pP]/.test(letter))) throw refuse(`it uses \\${letter}`)
    return { ranges: [one(letter)] }
  }

  function set(): readonly CodeRange[] {
    const isInverted = take('^')
    const ranges: CodeRange[] = []
    while (!take(']')) {
      const from = member()
      if (text[at] !== '-' || text[at + 1] === ']') {
        ranges.push(...from.ranges)
        continue
      }
      at += 1
      const to = member()
      if (from.isClass || to.isClass) ranges.push(...from.ranges, one('-'), ...to.ranges)
      else ranges.push([(from.ranges[0] as CodeRange)[0], (to.ranges[0] as CodeRange)[1]])
    }
    return isInverted ? invert(closed(ranges)) : closed(ranges)
  }

  function member(): Member {
    const character = text[at++] as string
    if (character !== '\\') return { ranges: [one(character)] }
    return take('b') ? { ranges: [one('\b')] } : escaped(false) // \- too stands for itself
  }

  return yield* alternatives(0)
}

/** `of`, which is asked for the same ranges again and again. */
function cached<T>(of: (ranges: readonly CodeRange[]) => T): (ranges: readonly CodeRange[]) => T {
  const known = new Map<string, T>()
  return (ranges) => {
    const key = ranges.join()
    const found = known.get(key) ?? of(ranges)
    known.set(key, found)
    return found
  }
}
