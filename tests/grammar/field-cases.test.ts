/** @file What exporters and users of other runtimes write, as cases: what must be accepted, and what not. */

import { describe, expect, test } from 'vitest'
import { readConstraint } from '../../src/client/prompt-api/input.ts'
import type { ReplyFormat } from '../../src/core/protocol.ts'
import { accepts, rulesOf } from '../tools/accepts.ts'
import cases from './field-cases.json' with { type: 'json' }

interface Case {
  readonly name: string
  readonly format?: unknown
  readonly api?: string
  readonly constraint?: string
  readonly accepts?: readonly string[]
  readonly refuses?: readonly string[]
  readonly refused?: string
}

function formatOf({ format, constraint }: Case): ReplyFormat {
  if (constraint === undefined) return format as ReplyFormat
  const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/.exec(constraint) ?? []
  return readConstraint({ responseConstraint: new RegExp(source, flags) }) as ReplyFormat
}

describe('cases from the field', () => {
  test.each(cases as readonly Case[])('$name', (one) => {
    const format = formatOf(one)
    if (one.refused) {
      const words = /naming the line/.test(one.refused) ? /line 1: .*\\d.*\[0-9\]/ : /\\d/
      const refusal = { code: 'option/invalid', message: expect.stringMatching(words) }
      expect(() => rulesOf(format)).toThrow(expect.objectContaining(refusal))
      return
    }
    const { accepts: good = [], refuses: bad = [] } = one
    expect(good.length).toBeGreaterThan(0)
    const rules = rulesOf(format)
    expect([...good, ...bad].filter((text) => accepts(rules, text))).toEqual(good)
  })
})

const schemaOf = (schema: object) => rulesOf({ type: 'json-schema', schema })
/** Which of these values may be written. */
const allowed = (schema: object, values: readonly unknown[]) => {
  const rules = schemaOf(schema)
  return values.filter((value) => accepts(rules, JSON.stringify(value)))
}
const refusal = (words: string) =>
  expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining(words) })

describe('names of properties', () => {
  test('by a list may come in its order, each once, beside those that are described', () => {
    const schema = {
      type: 'object',
      properties: { b: { const: 0 } },
      propertyNames: { enum: ['a', 'b', 'c', 7] },
      additionalProperties: { type: 'boolean' },
    }
    const good = [{}, { b: 0 }, { b: 0, a: true, c: false }, { c: true }]
    expect(allowed(schema, [...good, { d: true }, { b: true }, { a: 0 }, { 7: true }])).toEqual(good)
    expect(accepts(schemaOf(schema), '{"a":true,"a":true}')).toBe(false)
  })

  test('by a pattern, a length, or both', () => {
    const names = { type: 'string', pattern: '^k\\d+$', maxLength: 3 }
    const schema = { type: 'object', propertyNames: names, additionalProperties: { type: 'number' } }
    const good = [{}, { k1: 1 }, { k12: 1, k3: 2 }]
    expect(allowed(schema, [...good, { k: 1 }, { k123: 1 }, { x1: 1 }, { k1: 'a' }])).toEqual(good)
  })

  test('rule out properties that are described, and what is required', () => {
    const schema = { properties: { ab: {}, b: {} }, propertyNames: { maxLength: 1 } }
    expect(allowed(schema, [{}, { b: 1 }, { ab: 1 }])).toEqual([{}, { b: 1 }])
    const node = schemaOf({ ...schema, required: ['ab'] })
    expect(accepts(node, '{"ab":1}')).toBe(false)
  })

  test('true says nothing, false allows none', () => {
    expect(allowed({ type: 'object', propertyNames: true }, [{}, { a: 1 }])).toEqual([{}, { a: 1 }])
    expect(allowed({ type: 'object', propertyNames: false }, [{}, { a: 1 }])).toEqual([{}])
  })
})

describe('oneOf', () => {
  const kind = (value: unknown, more: object = {}) => ({
    type: 'object',
    properties: { kind: value, ...more },
    required: ['kind'],
    additionalProperties: false,
  })

  test('is one of alternatives that a property tells apart, nested or behind $ref, or that are of several types', () => {
    const schema = {
      $defs: { two: kind({ const: 2 }, { b: { type: 'boolean' } }) },
      oneOf: [
        kind({ enum: ['a', 'b'] }),
        { oneOf: [kind({ const: 1 }), { $ref: '#/$defs/two' }] },
        { type: 'string' },
        { type: ['null', 'integer'] },
      ],
    }
    const good = [{ kind: 'a' }, { kind: 1 }, { kind: 2, b: true }, 'text', null, 7]
    expect(allowed(schema, [...good, { kind: 3 }, { kind: 1, b: true }, true, 0.5])).toEqual(good)
  })

  test('is told apart although what comes first refers to the whole', () => {
    const both = { left: { $ref: '#' }, right: { $ref: '#' } }
    const branch = { type: 'object', properties: { ...both, op: { const: '+' } }, required: ['left', 'right', 'op'] }
    const less = { type: 'object', properties: { left: { $ref: '#' }, op: { const: '-' } }, required: ['left', 'op'] }
    const good = [1, { left: 1, right: { left: 2, op: '-' }, op: '+' }]
    expect(allowed({ oneOf: [branch, less, { type: 'number' }] }, [...good, { left: 1, op: '+' }])).toEqual(good)
  })

  test.each([
    ['texts of any kind', [{ type: 'string' }, { minLength: 2 }]],
    ['whole numbers and numbers', [{ type: 'integer' }, { type: 'number' }]],
    ['the same value', [kind({ const: 1 }), kind({ enum: [1, 2] })]],
    ['a property that need not be there', [kind({ const: 1 }), { ...kind({ const: 2 }), required: [] }]],
    ['no property that both have', [kind({ const: 1 }), { type: 'object', properties: { b: { const: 2 } } }]],
    ['itself', [kind({ $ref: '#' }), kind({ $ref: '#' })]],
  ])('is refused for %s', (_, oneOf) => {
    expect(() => schemaOf({ oneOf })).toThrow(refusal('the keyword oneOf with alternatives that may hold at once'))
  })
})

describe('multipleOf', () => {
  const range = Array.from({ length: 400 }, (_, i) => i - 200)

  test.each([
    { type: 'integer', multipleOf: 7, minimum: -100, maximum: 100 },
    { type: 'number', multipleOf: 5, exclusiveMinimum: -15, maximum: 17.5 },
    { type: 'integer', multipleOf: 12 },
    { multipleOf: 9, minimum: -30 },
    { type: 'integer', multipleOf: 4, allOf: [{ multipleOf: 6 }] },
    { type: 'integer', multipleOf: 2, minimum: -9007199254740991, maximum: 9007199254740991 },
    { enum: [1, 2, 3, 4, 5, 6], multipleOf: 3 },
  ])('%j: exactly the multiples within the bounds', (schema) => {
    const {
      multipleOf,
      minimum = -Infinity,
      maximum = Infinity,
      exclusiveMinimum = -Infinity,
      allOf,
    } = schema as Record<string, number> & { allOf?: unknown }
    const isIn = (value: number) =>
      value % (allOf ? 12 : (multipleOf as number)) === 0 &&
      value >= minimum &&
      value <= maximum &&
      value > exclusiveMinimum &&
      (!('enum' in schema) || [3, 6].includes(value))
    expect(allowed(schema, range)).toEqual(range.filter(isIn))
    expect(['07', '0.0', '-0', '1e1', '+7'].filter((text) => accepts(schemaOf(schema), text))).toEqual([])
  })

  test('what cannot be kept to is refused by name', () => {
    expect(() => schemaOf({ multipleOf: 0.01 })).toThrow(refusal('0.01 for multipleOf'))
    expect(() => schemaOf({ multipleOf: 0 })).toThrow(refusal('0 for multipleOf'))
    expect(() => schemaOf({ type: 'integer', multipleOf: 1001 })).toThrow(refusal('"multipleOf":1001'))
    expect(allowed({ multipleOf: 1e15, minimum: -1e15, maximum: 1e15 }, [0, 1, 1000])).toEqual([0])
  })
})

describe('formats of texts', () => {
  test('that are not known are annotations beside a pattern, and refused alone', () => {
    expect(allowed({ type: 'string', format: 'cuid2', pattern: '^[0-9a-z]+$' }, ['a1', 'A'])).toEqual(['a1'])
    expect(allowed({ type: 'string', format: 'x', allOf: [{ pattern: 'a' }] }, ['ba', 'b'])).toEqual(['ba'])
    expect(() => schemaOf({ type: 'string', format: 'uri' })).toThrow(refusal('"format":"uri"'))
    expect(allowed({ type: 'integer', format: 'int32' }, [1, 'a'])).toEqual([1])
  })

  test('a pattern that is sound without the flag u alone means what it means there', () => {
    expect(allowed({ type: 'string', pattern: '^\\d{3}\\-\\_$' }, ['123-_', '12-_'])).toEqual(['123-_'])
    expect(() => schemaOf({ type: 'string', pattern: '(' })).toThrow(refusal('no regular expression with the flag u'))
  })
})

describe('references', () => {
  const names = [
    'a b',
    'a%b',
    '100%',
    '%',
    '%25',
    'a/b',
    'a~b',
    '~1',
    '~0',
    '[x]',
    'Page<List[T]>',
    'é',
    '日',
    '#',
    '?',
    '"',
    '\\',
  ]
  const pointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

  test.each(names)('%j is found, encoded or bare', (name) => {
    const $defs = { [name]: { const: 7 } }
    for (const written of [pointer(name), encodeURIComponent(pointer(name)), encodeURI(pointer(name))])
      expect(allowed({ $defs, $ref: `#/$defs/${written}` }, [7, 8])).toEqual([7])
  })

  test('whose names an exporter does not escape are found all the same', () => {
    expect(allowed({ $defs: { 'a~b': { const: 7 } }, $ref: '#/$defs/a~b' }, [7, 8])).toEqual([7])
    expect(allowed({ definitions: { a: { items: [{ const: 7 }] } }, $ref: '#/definitions/a/items/0' }, [7])).toEqual([
      7,
    ])
    expect(allowed({ $ref: '#/%24defs/a', $defs: { a: { const: 7 } } }, [7])).toEqual([7])
  })

  test.each(['#/$defs/%', '#/$defs/%E0%A4', '#/$defs/constructor', '#/__proto__', '#/$defs/none', '#a', 'a', '', '#/'])(
    '%j leads nowhere, and is refused by its name',
    ($ref) => {
      expect(() => schemaOf({ $defs: { a: {} }, $ref })).toThrow(refusal('which leads to no schema of this document'))
    },
  )

  test('names of members of Object are names like any other', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf']
    const $defs = JSON.parse(`{${names.map((name) => `"${name}":{"const":"${name}"}`).join()}}`) as object
    for (const name of names) expect(allowed({ $defs, $ref: `#/$defs/${name}` }, [name, 'other'])).toEqual([name])
    const properties = JSON.parse(`{${names.map((name) => `"${name}":{"const":1}`).join()}}`) as object
    const rules = schemaOf({ properties, required: names })
    const text = `{${names.map((name) => `"${name}":1`).join()}}`
    expect([accepts(rules, text), accepts(rules, '{}')]).toEqual([true, false])
    expect(
      allowed({ type: 'object', required: ['constructor'], enum: [{}, { constructor: 1 }] }, [{}, { constructor: 1 }]),
    ).toEqual([{ constructor: 1 }])
  })
})
