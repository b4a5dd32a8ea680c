/**
 * @file Grammars in GBNF, the notation of llama.cpp: `name ::= …` with "texts", [sets], . for any character, groups, |,
 * * + ? {n} {n,} {n,m} and comments behind #. The reply is what the rule `root` says. A rule ends where the next begins.
 */

import { RwkvError } from '../core/errors.ts'
import { ANY, type CodeRange, invert, writePlain } from './characters.ts'
import { choice, createRule, literal, type Node, type Rule, repeat, sequence } from './node.ts'

const TOKEN =
  /\s+|#[^\n]*|([\w-]+)(\s*::=)?|"((?:[^"\\\n]|\\.)*)"|\[(\^?)((?:[^\]\\\n]|\\.)*)\]|\{(?=,?\d)(\d*)(,?)(\d*)\}|[|()*+?.]/uy
const CHARACTER = /\\x([\da-fA-F]{2})|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\(.)|(.)/gu
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const ENDLESS = /[|)]/

/**
 * What the rule `root` of a grammar allows.
 * @throws RwkvError `option/invalid` with the line
 */
export function parseGbnf(grammar: string): Node {
  const refuse = (found: string, at = TOKEN.lastIndex) =>
    new RwkvError('option/invalid', `The grammar, line ${grammar.slice(0, at).split('\n').length}: ${found}.`)
  const rules = new Map<string, Rule>()
  const defined = new Set<Rule>()
  const used: { readonly name: string; readonly at: number }[] = []
  const ruleOf = (name: string): Rule => {
    const rule = rules.get(name) ?? createRule(name)
    rules.set(name, rule)
    return rule
  }

  TOKEN.lastIndex = 0
  let match: RegExpExecArray | null = null
  /** The next token into `match`; none at the end. */
  const advance = (): void => {
    do {
      const at = TOKEN.lastIndex
      match = at < grammar.length ? TOKEN.exec(grammar) : null
      if (!match && at < grammar.length) throw refuse(`found ${JSON.stringify(grammar.slice(at, at + 12))}`, at)
    } while (match && /^[\s#]/.test(match[0]))
  }
  const isNext = (text: string) => match?.[0] === text

  function alternatives(): Node {
    const all: Node[] = []
    for (;;) {
      const parts: Node[] = []
      while (match && !match[2] && !ENDLESS.test(match[0][0] as string)) parts.push(repeated(item()))
      all.push(sequence(...parts))
      if (!isNext('|')) return choice(...all)
      advance()
    }
  }

  function item(): Node {
    const [whole = '', name, , text, inverted, set] = match ?? []
    const at = TOKEN.lastIndex
    advance()
    if (name !== undefined) {
      used.push({ name, at })
      return ruleOf(name)
    }
    if (text !== undefined) return literal(charactersOf(text).join(''))
    if (set !== undefined) {
      const ranges = rangesOf(set)
      if (ranges.some(([from, to]) => from > to)) throw refuse(`found ${whole}, which counts downward`, at)
      return writePlain(inverted ? invert(ranges) : ranges)
    }
    if (whole === '.') return writePlain(ANY)
    if (whole !== '(') throw refuse(`found ${whole} with nothing in front of it`)
    const inner = alternatives()
    if (!isNext(')')) throw refuse('a group is not closed')
    advance()
    return inner
  }

  function repeated(node: Node): Node {
    const [whole = '', , , , , , least, comma, most] = match ?? []
    const bounds = { '*': [0], '+': [1], '?': [0, 1] }[whole]
    if (!bounds && least === undefined) return node
    const [from = 0, to] = bounds ?? [Number(least), most ? Number(most) : comma ? Infinity : Number(least)]
    if (to !== undefined && from > to) throw refuse(`found ${whole}, which counts downward`)
    advance()
    return repeated(repeat(node, from, to))
  }

  advance()
  while (match) {
    const [whole, name, assigned] = match as RegExpExecArray
    if (!name || !assigned) throw refuse(`found ${whole}, expected a rule: name ::= …`)
    const rule = ruleOf(name)
    if (defined.has(rule)) throw refuse(`the rule ${name} is defined twice`)
    defined.add(rule)
    advance()
    rule.body = alternatives()
    if (isNext(')')) throw refuse('a group is closed that was not opened')
  }
  for (const { name, at } of [...used, { name: 'root', at: grammar.length }])
    if (!defined.has(ruleOf(name))) throw refuse(`there is no rule ${name}`, at)
  return ruleOf('root')
}

/** Characters as they are meant; escapes of what needs none stand for it. */
function charactersOf(text: string): string[] {
  return Array.from(text.matchAll(CHARACTER), ([, x, u, long, escaped, plain]) => {
    const hex = x ?? u ?? long
    // What is no character becomes U+FFFD, as everywhere.
    if (hex !== undefined)
      return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x110000) % 0x110000 || 0xfffd)
    return plain ?? ESCAPES.get(escaped as string) ?? (escaped as string)
  })
}

function rangesOf(set: string): CodeRange[] {
  const all = Array.from(set.matchAll(CHARACTER), ([written]) => written)
  const ranges: CodeRange[] = []
  const codeOf = (written: string) => (charactersOf(written)[0] as string).codePointAt(0) as number
  for (let i = 0; i < all.length; i++) {
    const from = codeOf(all[i] as string)
    const isRange = all[i + 1] === '-' && i + 2 < all.length
    ranges.push([from, isRange ? codeOf(all[i + 2] as string) : from])
    if (isRange) i += 2
  }
  return ranges
}
