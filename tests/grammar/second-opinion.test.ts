/**
 * @file Our masks beside those of xgrammar, at every token of random texts, the end included: the same, but for tokens
 * behind which the text is of a kind that one of the two never writes. Which kinds, and why, is said where they are defined;
 * what xgrammar gets wrong is left out of the random formats, and stands at the end, each before a third judge.
 */

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../src/core/slices.ts'
import type { Guide } from '../../src/grammar/guide.ts'
import { sortTokens } from '../../src/grammar/tokens.ts'
import { accepts, formatOf, rulesOf } from '../tools/accepts.ts'
import { ARITHMETIC, CHESS } from '../tools/grammars.ts'
import { patternsOf } from '../tools/random-pattern.ts'
import { noiseTokenizer } from '../tools/random-reply.ts'
import { $defs, type Schema, schema } from '../tools/random-schema.ts'
import { createXGrammar, type Other } from '../tools/xgrammar.ts'

const EOS = 0
const TOKENS = 60 // of a text, at most, unless that is too few for it
const { size: V, bytesOf } = noiseTokenizer
const ids = Array.from({ length: V }, (_, id) => id)
const tokens = sortTokens(V, bytesOf)
const words = ids.map((id) => Buffer.from(bytesOf(id)).toString('latin1'))
const xgrammar = await createXGrammar(noiseTokenizer)

/** Whether a text, one character for each byte, so far is of a kind that both write. */
type IsCommon = (said: string) => boolean

const nodeOf = (other: Other) => {
  if ('schema' in other) return rulesOf({ type: 'json-schema', schema: other.schema as Record<string, unknown> })
  if ('pattern' in other) return rulesOf({ type: 'regex', pattern: other.pattern })
  return rulesOf('grammar' in other ? { type: 'grammar', grammar: other.grammar } : { type: 'json' })
}
const allowed = (guide: Guide, left: number) => {
  const { bits } = finish(guide.mask(left))
  return ids.filter((id) => ((bits[id >>> 5] as number) >>> (id & 31)) & 1)
}

/** Goes along a random text of `format`, comparing masks; resolves to it. */
async function compare(format: Other, seed: number, isCommon: IsCommon): Promise<string> {
  const guide = formatOf(nodeOf(format), tokens, EOS).start()
  const matcher = await xgrammar(format)
  let random = seed + 1
  let said = ''
  for (let left = TOKENS; ; left--) {
    const [ours, theirs] = [new Set(allowed(guide, Infinity)), new Set(await matcher.mask())]
    const isCommonWith = (id: number) => isCommon(said + words[id])
    const different = ids.filter((id) => ours.has(id) !== theirs.has(id) && isCommonWith(id))
    expect([format, said, different.map((id) => [ours.has(id) ? 'ours' : 'theirs', words[id]])]).toEqual([
      format,
      said,
      [],
    ])
    const choices = allowed(guide, Math.max(left, 1)).filter((id) => theirs.has(id) && isCommonWith(id))
    random = (random * 16_807) % 2_147_483_647
    const id = left <= 0 && choices.includes(EOS) ? EOS : choices[random % choices.length]
    expect([format, said, id !== undefined && matcher.accept(id)]).toEqual([format, said, true])
    if (id === EOS) {
      matcher.free()
      return said
    }
    guide.accept(id as number)
    said += words[id as number]
  }
}

/** We write characters alone: RFC 3629 knows none that begin with C0, C1 or F5 to FF, and no surrogates. xgrammar does. */
const isUtf8: IsCommon = (said) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(said, 'latin1'), { stream: true })
    return true
  } catch {
    return false
  }
}

const CHARACTER = '[^"\\\\\\x00-\\x1f]|\\\\(?:["\\\\bfnrt]|u00(?:0[0-7bef]|1[\\da-f]))'
const NUMBER = '(?=[-\\d])-?\\d{0,15}(?:\\.\\d{0,17})?(?:[eE][+-]?\\d{0,2})?(?![-+.\\deE])'
const SPELLED = new RegExp(
  `^(?:"(?:${CHARACTER})*"|[,:] ?|[{}[\\]]|[a-z](?![-+\\d])|${NUMBER})*(?:"(?:${CHARACTER})*(?:\\\\(?:u(?:0(?:0[01]?)?)?)?)?)?$`,
)

/**
 * We write a value in one way: white space is one space behind a comma or colon, escapes are those of `JSON.stringify`,
 * numbers have at most 15 digits, 17 behind the point and 2 of exponent. Else small models would never get out of white
 * space, and lengths would not be exact. xgrammar writes all spellings.
 */
const isSpelled: IsCommon = (said) => isUtf8(said) && SPELLED.test(said)

/** In texts with lengths xgrammar writes no escapes, and characters as they are that JSON does not allow so. */
const isUnescaped: IsCommon = (said) => isSpelled(said) && !said.includes('\\')

/** The part of a schema that xgrammar takes and gets right. */
function narrow({ $ref, type, enum: values, const: value, allOf, anyOf, ...more }: Schema): Schema {
  if ($ref) return { $ref }
  if (allOf) return narrow((allOf as Schema[])[0] as Schema)
  if (anyOf && !type) return { anyOf: (anyOf as Schema[]).map(narrow) }
  if (values) return { enum: (values as unknown[]).map(plain) }
  if (value !== undefined) return { enum: [plain(value)] }
  if (type === 'string') return { type, ...(more.format === 'uuid' && { format: 'uuid' }) }
  if (type === 'number') return { type }
  if (type === 'integer')
    return { type, ...((more.minimum as number) >= 0 && { minimum: Math.ceil(more.minimum as number) }) }
  if (type === 'array') {
    const { prefixItems = [], items } = more as { prefixItems?: Schema[]; items?: Schema }
    const { minItems = 0, maxItems = Infinity } = more as Record<string, number>
    const least = Math.max(prefixItems.length, items ? minItems : 0)
    return {
      type,
      ...(prefixItems.length > 0 && { prefixItems: prefixItems.map(narrow) }),
      items: items ? narrow(items) : prefixItems.length === 0 ? {} : false,
      minItems: least,
      ...(maxItems < Infinity && { maxItems: Math.max(maxItems, least) }),
    }
  }
  if (type === 'object') {
    const entries = Object.entries(more.properties as Record<string, Schema>)
    const properties = Object.fromEntries(entries.map(([name, one]) => [letters(name), narrow(one)]))
    const required = (more.required as string[]).filter((name) => Object.hasOwn(properties, name))
    const said = entries.length === 0 && ((more.additionalProperties ?? false) as Schema | boolean)
    const additionalProperties = typeof said === 'object' ? narrow(said) : said
    return { type, properties, required, additionalProperties }
  }
  return type ? { type } : {}
}

const letters = (text: string): string => text.replace(/[^a-z0-9é日 ]/g, '')

/** Values that both spell alike: in enums it escapes / and DEL, and has spellings of its own for large numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return letters(value)
  if (typeof value === 'number') return Math.trunc(value % 1e6) + 0
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [letters(name), plain(one)]))
}

/** Grammars of three rules, each of which may hold itself and those behind it. */
const grammar = (() => {
  const terminal = fc.constantFrom('"a"', '"bc"', '"日"', '"\\n"', '"\\""', '[a-c]', '[^a-c]', '[0-9_]', '"😀"')
  const often = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}')
  const rule = (name: string, others: readonly string[]) => {
    const item = fc.oneof(
      { arbitrary: terminal, weight: 3 },
      ...others.map((other) => ({ arbitrary: fc.constant(other), weight: 1 })),
      { arbitrary: fc.tuple(terminal, terminal).map(([a, b]) => `(${a} | ${b} ${a})`), weight: 1 },
    )
    const body = fc
      .array(fc.tuple(item, often), { minLength: 1, maxLength: 3 })
      .map((all) => all.map((one) => one.join('')).join(' '))
    return fc
      .tuple(body, body, fc.boolean())
      .map(([first, second, recurs]) => `${name} ::= ${first} | ${second}${recurs ? ` | "(" ${name} ")"` : ''}`)
  }
  return fc.tuple(rule('root', ['one', 'two']), rule('one', ['two']), rule('two', [])).map((rules) => rules.join('\n'))
})()

/** What xgrammar gets right of patterns: its sets beyond ASCII are broken, its \s is ASCII, its dot matches line ends. */
const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    'é',
    '日',
    '😀',
    '0',
    ' ',
    '_',
    '-',
    '"',
    '\\.',
    '\\\\',
    '\\]',
    '\\/',
    '\\n',
    '\\t',
    '\\x61',
    '\\u00e9',
  ],
  ...['\\d', '\\w', '\\D', '[abc]', '[^abc]', '[a-c]', '[\\d_]', '[^\\d_]', '[-a]', '[a\\]]'],
)

const tree = { type: 'array', items: { $ref: '#' } }
const mixed = { type: 'object', properties: { a: { type: 'null' } }, additionalProperties: { type: 'boolean' } }
const form = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    kind: { enum: ['cat', 'catfish', 7, null] },
    age: { type: 'integer', minimum: 17, maximum: 85 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 },
    more: {},
  },
  required: ['id', 'age', 'more'],
}

describe('the masks are those of xgrammar', () => {
  const lengths = async (texts: Promise<string>[]) => (await Promise.all(texts)).map(({ length }) => length)
  const sum = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0)

  test('in the part of 300 random schemas that xgrammar gets right', async () => {
    const schemas = fc.sample(schema, { numRuns: 300, seed: 8 }).map((one) => ({ ...narrow(one), $defs }))
    const all = await lengths(schemas.map((schema, seed) => compare({ schema }, seed, isSpelled)))
    expect(sum(all)).toBeGreaterThan(20 * all.length)
  })

  test('in schemas that people write', async () => {
    for (const schema of [tree, form, { type: 'number' }, {}])
      for (let seed = 0; seed < 20; seed++) await compare({ schema }, seed, isSpelled)
  })

  test('in texts with lengths', async () => {
    for (const limits of [{ maxLength: 3 }, { minLength: 2, maxLength: 5 }, { minLength: 4 }])
      for (let seed = 0; seed < 20; seed++) await compare({ schema: { type: 'string', ...limits } }, seed, isUnescaped)
  })

  test('in JSON mode, which is a list too for xgrammar', async () => {
    const isObject: IsCommon = (said) => isSpelled(said) && !said.startsWith('[')
    for (let seed = 0; seed < 40; seed++) await compare({ json: true }, seed, isObject)
  })

  test('in 300 random regular expressions', async () => {
    const patterns = fc.sample(patternsOf(atom, { minLength: 1 }), { numRuns: 300, seed: 8 })
    const all = await lengths(patterns.map((pattern, seed) => compare({ pattern }, seed, isUtf8)))
    expect(sum(all)).toBeGreaterThan(10 * all.length)
  })

  test('in 200 random grammars, and in some that people write', async () => {
    const grammars = [ARITHMETIC, CHESS, ...fc.sample(grammar, { numRuns: 200, seed: 8 })]
    const all = await lengths(grammars.map((grammar, seed) => compare({ grammar }, seed, isUtf8)))
    expect(sum(all)).toBeGreaterThan(20 * all.length)
  })
})

test('whatever xgrammar writes, we write in our spelling', async () => {
  let respelled = 0
  for (const format of [{ schema: form }, { schema: tree }, { json: true }] satisfies Other[])
    for (let seed = 0; seed < 30; seed++) {
      const matcher = await xgrammar(format)
      let random = seed + 1
      let said = ''
      for (;;) {
        const choices = (await matcher.mask()).filter((id) => isUtf8(said + words[id]))
        const closing = choices.filter((id) => id === EOS || /^(?:"|[}\]]+)$/.test(words[id] as string))
        random = (random * 16_807) % 2_147_483_647
        const from = closing.length > 0 && random % 3 === 0 ? closing : choices
        const id = from[random % from.length] as number
        matcher.accept(id)
        if (id === EOS) break
        said += words[id]
      }
      matcher.free()
      const value: unknown = JSON.parse(Buffer.from(said, 'latin1').toString())
      const text = JSON.stringify(value)
      if (Array.isArray(value) && 'json' in format) continue
      expect([said, accepts(nodeOf(format), text)]).toEqual([said, true])
      respelled += Number(text !== said)
    }
  expect(respelled).toBeGreaterThan(30)
})

describe('where xgrammar errs, we do not', () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)

  /** Whether xgrammar takes `text` as a whole, byte by byte. */
  async function isTaken(format: Other, text: string): Promise<boolean> {
    const matcher = await xgrammar(format)
    const isAll = [...Buffer.from(text)].every((byte) => matcher.accept(byte + 1)) && matcher.accept(EOS)
    matcher.free()
    return isAll
  }
  const isValid = (schema: Schema, text: string): boolean => {
    try {
      return ajv.validate(schema, JSON.parse(text))
    } catch (error) {
      if (error instanceof SyntaxError) return false
      throw error
    }
  }

  test.each<[string, Schema, string]>([
    ['a half-open range of integers', { type: 'integer', minimum: -734 }, '-1'],
    ['a half-open range of integers', { type: 'integer', maximum: -6 }, '-4'],
    ['a range of integers', { type: 'integer', minimum: 0, maximum: 120 }, '129'],
    ['a range of numbers', { type: 'number', minimum: 0, maximum: 1 }, '1.2'],
    ['a half-open range of numbers', { type: 'number', minimum: -491 }, '-1'],
    ['prefixItems, which need not all be there', { type: 'array', prefixItems: [{ type: 'null' }] }, '[]'],
    ['a length, and a character that JSON escapes', { type: 'string', maxLength: 3 }, '"\t"'],
    ['a length, and an escape', { type: 'string', maxLength: 3 }, '"\\n"'],
    ['a pattern, which may match anywhere', { type: 'string', pattern: 'b' }, '"abc"'],
    ['a pattern, and a character that JSON escapes', { type: 'string', pattern: '^["]$' }, '"""'],
    ['a property that is named again', mixed, '{"a":null,"a":true}'],
    ['anyOf beside other keywords', { type: 'object', additionalProperties: true, anyOf: [{ required: ['b'] }] }, '{}'],
    ['a date', { type: 'string', format: 'date' }, '"2025-11-31"'],
  ])('%s: %j, %s', async (_, schema, text) => {
    const verdict = isValid(schema, text)
    expect([accepts(nodeOf({ schema }), text), await isTaken({ schema }, text)]).toEqual([verdict, !verdict])
  })

  test.each<[string, string]>([
    ['[é-日]', 'é'],
    ['[😀-😂]', '\0'],
    ['[éü]', 'ü'],
    ['[^é]', 'é'],
    ['[\\W]', 'é'],
    ['\\s', '\u3000'],
    ['.', '\n'],
    ['[ab]*[ab]{2}c', 'c'],
  ])('the pattern %s and the text %j', async (pattern, text) => {
    const verdict = new RegExp(`^(?:${pattern})$`, 'u').test(text)
    expect([accepts(nodeOf({ pattern }), text), await isTaken({ pattern }, text)]).toEqual([verdict, !verdict])
  })
})
