/**
 * @file Grammars in GBNF, the notation of llama.cpp: `name ::= …` with "texts", [sets], . for any character, groups, |,
 * * + ? {n} {n,} {n,m} and comments behind #. The reply is what the rule `root` says. A rule ends where the next begins.
 * Where this reader and llama.cpp's differ is listed in `tests/grammar/gbnf-llama.test.ts`.
 */

import { RwkvError } from '../core/errors.ts'
import type { Meter, Sliced } from '../core/slices.ts'
import { ANY, type CodeRange, invert, LAST, writePlain } from './characters.ts'
import { createRule, type Node, type Rule, repeat, sequenceOf } from './node.ts'
import { eitherOf, literal } from './texts.ts'

const TOKEN =
  /\s+|#[^\r\n]*|([\w-]+)(\s*::=)?|"([^"\\]*(?:\\.[^"\\]*)*)"|\[(\^?)([^\]\\]*(?:\\.[^\]\\]*)*)\]|\{(?=\s*,?\s*\d)\s*(\d*)\s*(,?)\s*(\d*)\s*\}|[|()*+?.]/suy
const CHARACTER =
  /\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))|(.)/gsu
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ...Array.from('\\"[]-', (character) => [character, character] as const),
])
/** What to write for escapes that other notations have; for the rest it is the character alone. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['d', '[0-9]'],
  ['D', '[^0-9]'],
  ['w', '[0-9A-Za-z_]'],
  ['W', '[^0-9A-Za-z_]'],
  ['s', '[ \\t\\r\\n]'],
  ['S', '[^ \\t\\r\\n]'],
  ['b', '\\x08'],
  ['f', '\\x0C'],
  ['v', '\\x0B'],
  ['0', '\\x00'],
  ['x', '\\x and two hexadecimal digits'],
  ['u', '\\u and four hexadecimal digits'],
  ['U', '\\U and eight hexadecimal digits'],
])
const COUNTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['*', [0]],
  ['+', [1]],
  ['?', [0, 1]],
])
const ENDLESS = /[|)]/
const MOST_DEPTH = 200
const MOST_LENGTH = 500_000

/**
 * What the rule `root` of a grammar allows.
 * @param known rules that it may name and does not define
 * @throws RwkvError `option/invalid` with the line
 */
export function* parseGbnf(grammar: string, meter: Meter, known: ReadonlyMap<string, Node> = new Map()): Sliced<Node> {
  const token = new RegExp(TOKEN) // with a place of its own
  const refuse = (found: string, at = token.lastIndex) =>
    new RwkvError('option/invalid', `The grammar, line ${grammar.slice(0, at).split(/\r\n?|\n/).length}: ${found}.`)
  if (grammar.length > MOST_LENGTH)
    throw refuse(`the grammar is ${grammar.length} characters long; at most ${MOST_LENGTH} are read`, 0)
  const rules = new Map<string, Rule>()
  const defined = new Set<Rule>()
  const used: { readonly name: string; readonly at: number }[] = []
  const ruleOf = (name: string): Rule => {
    const rule = rules.get(name) ?? createRule(name)
    rules.set(name, rule)
    return rule
  }
  for (const [name, body] of known) {
    const rule = ruleOf(name)
    rule.body = body
    defined.add(rule)
  }

  let match: RegExpExecArray | null = null
  /** The next token into `match`; none at the end. */
  const advance = (): void => {
    do {
      const at = token.lastIndex
      match = at < grammar.length ? token.exec(grammar) : null
      if (!match && at < grammar.length) {
        const isToken = /^!?</.test(grammar.slice(at, at + 2)) // llama.cpp's: an id of its own vocabulary
        const why = isToken ? ': tokens cannot be named here, write their text' : ''
        throw refuse(`found ${JSON.stringify(grammar.slice(at, at + 12))}${why}`, at)
      }
    } while (match && /^[\s#]/.test(match[0]))
  }
  const isNext = (text: string) => match?.[0] === text

  function* alternatives(depth: number): Sliced<Node> {
    if (depth > MOST_DEPTH) throw refuse(`groups lie more than ${MOST_DEPTH} deep in each other; give them rules`)
    const all: Node[] = []
    for (;;) {
      const parts: Node[] = []
      const from = token.lastIndex
      while (match && !match[2] && !ENDLESS.test(match[0][0] as string)) parts.push(repeated(yield* item(depth)))
      all.push(sequenceOf(parts))
      if (meter.spend(10 + ((token.lastIndex - from) >> 2))) yield meter.rest()
      if (!isNext('|')) return eitherOf(all)
      advance()
    }
  }

  function* item(depth: number): Sliced<Node> {
    const [whole = '', name, , text, inverted, set] = match ?? []
    const at = token.lastIndex
    advance()
    if (name !== undefined) {
      used.push({ name, at })
      return ruleOf(name)
    }
    if (text !== undefined) return literal(textOf(text, at - 1 - text.length))
    if (set !== undefined) {
      if (set === '') throw refuse(`found ${whole}, which holds no character; any is .`, at)
      const ranges = rangesOf(set, at - 1 - set.length)
      if (ranges.some(([from, to]) => from > to)) throw refuse(`found ${whole}, which counts downward`, at)
      return writePlain(inverted ? invert(ranges) : ranges)
    }
    if (whole === '.') return writePlain(ANY)
    if (whole !== '(') throw refuse(`found ${whole} with nothing in front of it`)
    const inner = yield* alternatives(depth + 1)
    if (!isNext(')')) throw refuse('a group is not closed')
    advance()
    return inner
  }

  function repeated(node: Node): Node {
    let all = node
    for (;;) {
      const [whole = '', , , , , , least, comma, most] = match ?? []
      const bounds = COUNTS.get(whole)
      if (!bounds && least === undefined) return all
      const [from = 0, to] = bounds ?? [Number(least), most ? Number(most) : comma ? Infinity : Number(least)]
      if (to !== undefined && from > to) throw refuse(`found ${whole}, which counts downward`)
      advance()
      all = repeat(all, from, to)
    }
  }

  /** The characters of a text or set that begins at `start`, as code points; and which of them are written as they are. */
  function* charactersOf(written: string, start: number): Generator<{ code: number; isPlain: boolean }> {
    for (const { 0: whole, 1: high, 2: low, 3: x, 4: u, 5: long, 6: escaped, 7: plain, index } of written.matchAll(
      CHARACTER,
    )) {
      const hex = x ?? u ?? long
      const character = plain ?? ESCAPES.get(escaped ?? '')
      let code = character?.codePointAt(0)
      if (high !== undefined && low !== undefined)
        code = 0x10000 + (Number.parseInt(high, 16) - 0xd800) * 0x400 + (Number.parseInt(low, 16) - 0xdc00)
      else if (hex !== undefined) code = Number.parseInt(hex, 16)
      if (code === undefined)
        throw refuse(
          `there is no escape ${whole}; write ${INSTEAD.get(escaped ?? '') ?? escaped}`,
          start + (index ?? 0),
        )
      if (code > LAST) throw refuse(`${whole} is no character; the last one is \\U0010FFFF`, start + (index ?? 0))
      yield { code, isPlain: plain !== undefined }
    }
  }

  function textOf(written: string, start: number): string {
    const text = Array.from(charactersOf(written, start), ({ code }) => String.fromCodePoint(code)).join('')
    if (!/[\ud800-\udfff]/u.test(text)) return text
    throw refuse('a text holds half of a surrogate pair, which is no character; write \\U and its code point', start)
  }

  function rangesOf(written: string, start: number): CodeRange[] {
    const all = [...charactersOf(written, start)]
    const ranges: CodeRange[] = []
    for (let i = 0; i < all.length; i++) {
      const from = all[i]?.code as number
      const isRange = all[i + 1]?.code === 0x2d && all[i + 1]?.isPlain && i + 2 < all.length
      if (isRange) i += 2
      ranges.push([from, all[i]?.code as number])
    }
    return ranges
  }

  advance()
  while (match) {
    const [whole, name, assigned] = match as RegExpExecArray
    if (!name || !assigned) throw refuse(`found ${whole}, expected a rule: name ::= …`)
    const rule = ruleOf(name)
    if (defined.has(rule)) throw refuse(`the rule ${name} is defined twice`)
    defined.add(rule)
    advance()
    rule.body = yield* alternatives(0)
    if (isNext(')')) throw refuse('a group is closed that was not opened')
  }
  for (const { name, at } of [...used, { name: 'root', at: grammar.length }])
    if (!defined.has(ruleOf(name))) throw refuse(`there is no rule ${name}`, at)
  return ruleOf('root')
}
