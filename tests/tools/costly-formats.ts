/** @file Formats of unbounded cost, made by a generator: each kind in sizes from harmless to absurd. */

import { writePlainJson } from '../../src/core/plain-json.ts'
import type { ReplyFormat } from '../../src/core/protocol.ts'
import { finish, type Meter } from '../../src/core/slices.ts'
import { compileFormat, createFormat, meterOfFormat } from '../../src/grammar/compile.ts'
import { sortTokens } from '../../src/grammar/tokens.ts'
import { noiseTokenizer } from './random-reply.ts'

const schema = (schema: object): ReplyFormat => ({ type: 'json-schema', schema })
const grammar = (grammar: string): ReplyFormat => ({ type: 'grammar', grammar })
const regex = (pattern: string, flags = 'u'): ReplyFormat => ({ type: 'regex', pattern, flags })
const range = <T>(length: number, one: (i: number) => T): T[] => Array.from({ length }, (_, i) => one(i))
const named = <T>(length: number, one: (i: number) => T): Record<string, T> =>
  Object.fromEntries(range(length, (i) => [`n${i}`, one(i)]))
const nest = <T>(depth: number, inner: T, wrap: (one: T) => T): T => {
  let all = inner
  for (let i = 0; i < depth; i++) all = wrap(all)
  return all
}

/** By name: a format of size `n`. */
const KINDS: Readonly<Record<string, (n: number) => ReplyFormat>> = {
  'allOf that goes on within itself': (n) =>
    schema({
      properties: named(3, (i) => ({ allOf: [{ $ref: '#' }, { properties: named(i + n, () => ({ $ref: '#' })) }] })),
    }),
  'allOf of schemas that refer to each other': (n) =>
    schema({
      $defs: named(n, (i) => ({
        properties: named(n, (j) => ({
          allOf: [{ $ref: `#/$defs/n${(i + j) % n}` }, { $ref: `#/$defs/n${(i * j + 1) % n}` }],
        })),
      })),
      $ref: '#/$defs/n0',
    }),
  'references that double': (n) =>
    schema({
      $defs: named(n, (i) =>
        i + 1 < n ? { allOf: range(2, () => ({ $ref: `#/$defs/n${i + 1}` })) } : { type: 'string' },
      ),
      $ref: '#/$defs/n0',
    }),
  'references that double within objects': (n) =>
    schema({
      $defs: named(n, (i) => ({
        properties: { a: { $ref: `#/$defs/n${(i + 1) % n}` }, b: { $ref: `#/$defs/n${(i * 2) % n}` } },
      })),
      $ref: '#/$defs/n0',
    }),
  'alternatives that multiply': (n) =>
    schema({ allOf: range(n, (i) => ({ anyOf: [{ minLength: i }, { pattern: `a{${i}}` }, { maxLength: 99 + i }] })) }),
  'patterns together': (n) =>
    schema({ type: 'string', allOf: range(n, (i) => ({ pattern: `(?:a.{${i + n}}|b.{${i}}c)` })) }),
  'a pattern that cannot be made deterministic': (n) =>
    schema({ type: 'string', pattern: `^(?:[ab]*a[ab]{${n}})$`, minLength: 3 }),
  'the same in a regular expression': (n) => regex(`(?:[ab]*a[ab]{${n}})*`),
  'an enum with a long beginning': (n) =>
    schema({ enum: range(n * 100, (i) => `${'the same beginning of all '.repeat(3)}${i * 7919}`) }),
  'an enum of beginnings': (n) => schema({ enum: range(Math.min(n * 10, 3000), (i) => 'a'.repeat(i)) }),
  'an enum judged by a pattern': (n) =>
    schema({ enum: range(n * 50, (i) => `name ${i}`), pattern: '^(?:\\w+ )*(?:1|22|\\d*7)+$' }),
  'a long const': (n) => schema({ const: 'x'.repeat(n * 1000) }),
  'a long name': (n) => schema({ properties: { ['x'.repeat(n * 1000)]: {} }, additionalProperties: true }),
  'many properties': (n) => schema({ properties: named(n * 20, (i) => ({ type: i % 2 ? 'string' : 'number' })) }),
  'many properties and others': (n) =>
    schema({ properties: named(n * 10, () => ({})), additionalProperties: { type: 'null' } }),
  'deep objects': (n) => schema(nest<object>(n * 5, { type: 'string' }, (one) => ({ properties: { a: one } }))),
  'deep lists of alternatives': (n) =>
    schema(nest<object>(n, { type: 'string' }, (one) => ({ anyOf: [one, { items: one }] }))),
  'deep allOf': (n) => schema(nest<object>(n, { type: 'string' }, (one) => ({ allOf: [one] }))),
  'large counts': (n) =>
    schema({
      type: 'array',
      items: { type: 'array', minItems: n ** 4, items: { type: 'string', minLength: n ** 5 } },
      minItems: n ** 6,
    }),
  'alternatives told apart': (n) =>
    schema({
      oneOf: range(n * 2, (i) => ({
        type: 'object',
        properties: { k: { const: i }, x: { $ref: '#' } },
        required: ['k'],
      })),
    }),
  'a rule with optional parts of itself': (n) => grammar(`root ::= "a" ${'root? '.repeat((n % 20) + 1)}| "b"`),
  'rules that begin with optional others': (n) =>
    grammar(
      range(n, (i) => `${i === 0 ? 'root' : `r${i}`} ::= ${i + 1 < n ? `r${i + 1}? r${i + 1}? ` : ''}"a"`).join('\n'),
    ),
  'repetitions of what may be empty': (n) => regex(nest(Math.min(n, 150), 'a?', (one) => `(?:${one}){0,${n}}`)),
  'repetitions in repetitions': (n) => regex(nest(Math.min(n, 150), 'a', (one) => `(?:${one}b?){${n}}`)),
  'an ambiguous grammar': (n) => grammar(`root ::= (${range(n, (i) => `[a-z]{${i + 1}}`).join(' | ')})*`),
  'rules in the wrong order': (n) =>
    grammar(
      [
        `root ::= ${range(n * 20, (i) => `r${n * 20 - 1 - i}`).join(' | ')}`,
        ...range(n * 20, (i) => `r${i} ::= "a" ${i + 1 < n * 20 ? `r${i + 1}` : ''}`),
      ].join('\n'),
    ),
  'a rule that begins with itself, far off': (n) =>
    grammar(
      range(n * 20, (i) => `${i === 0 ? 'root' : `r${i}`} ::= ""? r${i + 1}`)
        .join('\n')
        .replace(/r\d+$/, 'root'),
    ),
  'deep groups': (n) => grammar(`root ::= ${'('.repeat(n)}"a"${')'.repeat(n)}`),
  'deep groups of a pattern': (n) => regex(`${'('.repeat(n)}a${')'.repeat(n)}`),
  'a long literal': (n) => grammar(`root ::= "${'x\\n'.repeat(n * 500)}"`),
  'many alternatives': (n) => grammar(`root ::= ${range(n * 50, (i) => `"word ${i}"`).join(' | ')}`),
  'many alternatives of a pattern': (n) => regex(range(n * 20, (i) => `word ${i}`).join('|')),
  'a pattern of dots': (n) => regex('.'.repeat(n * 500)),
  'a pattern of sets': (n) => regex('[^a-z日]'.repeat(n * 60), 'iu'),
  'alternatives told apart by their last property': (n) =>
    schema({
      oneOf: range(n * 2, (i) => ({
        type: 'object',
        properties: { x: { enum: range(20, (j) => j) }, y: { type: 'string' }, k: { enum: [i, -1 - i] } },
        required: ['x', 'y', 'k'],
      })),
    }),
  'alternatives of which two are alike': (n) =>
    schema({
      oneOf: range(n * 2, (i) => ({
        type: 'object',
        properties: { a: { const: i >> 1 }, b: { const: i & 1 }, [`p${i}`]: {} },
        required: ['a', 'b'],
      })),
    }),
  palindromes: (n) =>
    grammar(
      `root ::= ${range(Math.min(n, 90), (i) => `[${String.fromCharCode(33 + ((i + 64) % 26) + 32)}] root? .`).join(' | ')}`,
    ),
  'names that are judged': (n) =>
    schema({ type: 'object', propertyNames: { pattern: `^(?:[ab]*a[ab]{${n % 20}})$` }, additionalProperties: {} }),
}

const SIZES = [1, 4, 12, 30, 90, 200]

/** 200 of them and some, with their names. */
export const costlyFormats: readonly { readonly name: string; readonly format: ReplyFormat }[] = Object.entries(
  KINDS,
).flatMap(([name, make]) => SIZES.map((size) => ({ name: `${name}, ${size}`, format: make(size) })))

const tokens = sortTokens(noiseTokenizer.size, noiseTokenizer.bytesOf)

/** Make `format` ready: the steps of its longest slice, and the error it was refused with. */
export function prepared(format: ReplyFormat): { readonly longest: number; readonly error?: unknown } {
  const { meter, longest } = watched(meterOfFormat())
  try {
    const plain = JSON.parse(writePlainJson('format', format)) as ReplyFormat
    finish(createFormat(finish(compileFormat(plain, meter)), tokens, 0, meter))
    return { longest: longest() }
  } catch (error) {
    return { longest: longest(), error }
  }
}

/** A meter that knows the steps of the longest slice so far. */
export function watched(meter: Meter): { readonly meter: Meter; readonly longest: () => number } {
  let [longest, from] = [0, 0]
  const seen: Meter = {
    spend(steps) {
      try {
        return meter.spend(steps)
      } finally {
        longest = Math.max(longest, meter.steps - from)
      }
    },
    rest() {
      from = meter.steps
      meter.rest()
    },
    get steps() {
      return meter.steps
    },
  }
  return { meter: seen, longest: () => longest }
}
