/**
 * @file Regular expressions of ECMAScript, with the meaning of its flag `u`: what of them is regular. The platform judges
 * the syntax, so only what is sound is read here.
 */

import { RwkvError } from '../core/errors.ts'
import { ANY, type CodeRange, invert, normalize, type WriteCharacters, writePlain } from './characters.ts'
import { choice, type Node, repeat, sequence } from './node.ts'

/** How a pattern is meant. */
export interface RegexOptions {
  /** True: the text holds a match. False (default): the text is one. */
  readonly isSearch?: boolean
  readonly write?: WriteCharacters
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

/**
 * What `pattern` matches.
 * @throws RwkvError `option/invalid` naming what is no pattern, or not regular
 */
export function parseRegex(pattern: string, { isSearch = false, write = writePlain }: RegexOptions = {}): Node {
  const refuse = (what: string) =>
    new RwkvError('option/invalid', `The pattern ${JSON.stringify(pattern)} cannot be kept to: ${what}.`)
  try {
    new RegExp(pattern, 'u')
  } catch (error) {
    throw refuse(`it is no regular expression with the flag u (${error instanceof Error ? error.message : error})`)
  }
  const text = Array.from(pattern)
  let at = 0
  const take = (wanted: string): boolean => {
    const isThere = text.slice(at, at + wanted.length).join('') === wanted
    if (isThere) at += wanted.length
    return isThere
  }
  const takeUntil = (end: string): string => {
    const from = at
    at = text.indexOf(end, at) + 1
    return text.slice(from, at - 1).join('')
  }
  const anything = repeat(write(ANY), 0)

  function alternatives(depth: number): Node {
    const all: Node[] = []
    do {
      const parts: Node[] = []
      const isBegun = depth === 0 && take('^')
      let isEnded = false
      while (at < text.length && text[at] !== '|' && text[at] !== ')') {
        if (depth === 0 && text[at] === '$' && (at + 1 === text.length || text[at + 1] === '|')) {
          isEnded = true
          at += 1
        } else parts.push(quantified(depth))
      }
      if (isSearch && depth === 0 && !isBegun) parts.unshift(anything)
      if (isSearch && depth === 0 && !isEnded) parts.push(anything)
      all.push(sequence(...parts))
    } while (take('|'))
    return choice(...all)
  }

  function quantified(depth: number): Node {
    const node = atom(depth)
    let bounds: [least: number, most: number] | undefined
    if (take('*')) bounds = [0, Infinity]
    else if (take('+')) bounds = [1, Infinity]
    else if (take('?')) bounds = [0, 1]
    else if (take('{')) {
      const [least, most = least] = takeUntil('}').split(',')
      bounds = [Number(least), most === '' ? Infinity : Number(most)]
    }
    take('?') // lazy or not: the same texts match
    return bounds ? repeat(node, ...bounds) : node
  }

  function atom(depth: number): Node {
    const character = text[at++] as string
    if (character === '(') {
      if (take('?')) {
        if (take('=') || take('!') || take('<=') || take('<!')) throw refuse('it looks ahead or behind')
        if (take('<')) takeUntil('>')
        else if (!take(':')) throw refuse('it changes flags within')
      }
      const inner = alternatives(depth + 1)
      take(')')
      return inner
    }
    if (character === '[') return write(set())
    if (character === '.') return write(invert(LINE_ENDS))
    if (character === '^' || character === '$')
      throw refuse(`${character} is known at the beginning and the end of the whole alone`)
    return write(character === '\\' ? escaped() : [one(character)])
  }

  /** What stands behind a backslash. */
  function escaped(): readonly CodeRange[] {
    const letter = text[at++] as string
    const known = CLASSES.get(letter)
    if (known) return known
    const control = CONTROLS.get(letter)
    if (control !== undefined) return [one(control)]
    if (letter === 'x') return [hex(2)]
    if (letter === 'c') return [one(String.fromCodePoint(code(text[at++] as string) % 32))]
    if (letter === 'u') return [unicode()]
    if (/[1-9k]/.test(letter)) throw refuse(`\\${letter} refers back to a group`)
    if (/[bBpP]/.test(letter)) throw refuse(`it uses \\${letter}`)
    return [one(letter)]
  }

  function hex(length: number): CodeRange {
    at += length
    const value = Number.parseInt(text.slice(at - length, at).join(''), 16)
    return [value, value]
  }

  function unicode(): CodeRange {
    if (take('{')) {
      const value = Number.parseInt(takeUntil('}'), 16)
      return [value, value]
    }
    const [first] = hex(4)
    const back = at
    if (first >= 0xd800 && first < 0xdc00 && take('\\u')) {
      const [second] = hex(4)
      const pair = 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00)
      if (second >= 0xdc00 && second < 0xe000) return [pair, pair]
      at = back
    }
    return [first, first]
  }

  function set(): readonly CodeRange[] {
    const isInverted = take('^')
    const ranges: CodeRange[] = []
    while (!take(']')) {
      const from = member()
      if (from.length === 1 && text[at] === '-' && text[at + 1] !== ']') {
        at += 1
        ranges.push([(from[0] as CodeRange)[0], (member()[0] as CodeRange)[1]])
      } else ranges.push(...from)
    }
    return isInverted ? invert(ranges) : normalize(ranges)
  }

  function member(): readonly CodeRange[] {
    const character = text[at++] as string
    if (character !== '\\') return [one(character)]
    return take('b') ? [one('\b')] : escaped() // u allows \- here, which escaped() gives as it is
  }

  return alternatives(0)
}
