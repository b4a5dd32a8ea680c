import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accepts, rulesOf } from '../tools/accepts.ts'
import { createNoise, noiseTokenizer } from '../tools/random-reply.ts'
import { $defs, type Schema, schema } from '../tools/random-schema.ts'

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
const noise = createNoise()

/** Noise that likes to come to an end: texts, lists and objects close now and then. */
const ends = new Map(['"', '}', ']'].map((text) => [noiseTokenizer.encode(text)[0] as number, 2]))

/** A reply by `schema`; whatever it is, the judge agrees. */
async function reply(schema: Schema, seed: number, sampling = {}) {
  const { summary } = await noise({ format: { type: 'json-schema', schema }, seed, sampling, liking: ends })
  return summary
}

/** Whether `text` as a whole may be said. */
const allows = (schema: Schema, text: string) => accepts(rulesOf({ type: 'json-schema', schema: schema }), text)

const SCHEMAS = process.env.RWKV_VERIFY ? 1000 : 200

describe('a reply by a schema', () => {
  test('is valid JSON that the schema describes: hundreds of schemas, by noise', async () => {
    let valid = 0
    const law = fc.asyncProperty(schema, fc.nat(), async (one, seed) => {
      const whole = { ...one, $defs }
      try {
        const { text, finishReason } = await reply(whole, seed, { maxTokens: 30_000 })
        expect(finishReason).toBe('stop')
        expect(ajv.validate(whole, JSON.parse(text)), `${text}: ${ajv.errorsText()}`).toBe(true)
        valid++
      } catch (error) {
        // What two of its parts ask may be impossible, such as allOf of a text and a number.
        if (!/allows nothing/.test(String(error))) throw error
      }
    })
    while (valid < SCHEMAS) await fc.assert(law, { numRuns: 50, endOnFailure: true }) // how many are refused is chance
  }, 240_000)

  test('is whole with as few tokens as its shortest text has bytes, and says so where there are fewer', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' }, b: { $ref: '#' } }, required: ['a'] }
    const shortest = '{"a":""}'.length
    for (let seed = 0; seed < 60; seed++) {
      const maxTokens = 1 + (seed % 20)
      const { text, finishReason, ids } = await reply(schema, seed, { maxTokens })
      expect(ids.length).toBeLessThanOrEqual(maxTokens)
      if (maxTokens >= shortest) expect(finishReason).toBe('stop')
      if (finishReason === 'stop') expect(ajv.validate(schema, JSON.parse(text))).toBe(true)
      else expect(() => JSON.parse(text)).toThrow()
    }
  })

  test('recurs as deep as it likes by $ref, and comes to an end', async () => {
    const tree = { type: 'array', items: { $ref: '#' } }
    const brackets = new Map([[noiseTokenizer.encode('[[')[0] as number, 9]])
    const { summary } = await noise({
      format: { type: 'json-schema', schema: tree },
      seed: 1,
      sampling: { maxTokens: 200 },
      liking: brackets,
    })
    expect(summary.finishReason).toBe('stop')
    expect(ajv.validate(tree, JSON.parse(summary.text))).toBe(true)
    expect(summary.text).toMatch(/^\[{60}/)
  })

  test('JSON mode gives an object', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { summary } = await noise({ format: { type: 'json' }, seed, sampling: { maxTokens: 60 }, liking: ends })
      const value: unknown = JSON.parse(summary.text)
      expect([summary.finishReason, typeof value, Array.isArray(value)]).toEqual(['stop', 'object', false])
    }
  })
})

describe('what a schema allows', () => {
  const limited = (limits: Schema) => (text: string) => allows({ type: 'number', ...limits }, text)

  test('numbers between bounds: exactly those, whatever their signs and places', () => {
    const bound = fc.oneof(
      fc.integer({ min: -2000, max: 2000 }),
      fc.integer({ min: -99999, max: 99999 }).map((n) => n / 1000),
    )
    const numeral = fc
      .tuple(fc.integer({ min: -2100, max: 2100 }), fc.option(fc.stringMatching(/^\d{1,4}$/)))
      .map(([whole, places]) => (places === null ? `${whole}` : `${whole}.${places}`))
    const law = fc.property(
      bound,
      bound,
      fc.boolean(),
      fc.array(numeral, { minLength: 30, maxLength: 30 }),
      (a, b, isOpen, texts) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const limits = isOpen ? { exclusiveMinimum: low, exclusiveMaximum: high } : { minimum: low, maximum: high }
        const node = rulesOf({ type: 'json-schema', schema: { type: 'number', ...limits } })
        const whole = rulesOf({ type: 'json-schema', schema: { type: 'integer', ...limits } })
        for (const text of [...texts, String(low), String(high)]) {
          const value = Number(text)
          const isWithin = isOpen ? value > low && value < high : value >= low && value <= high
          expect([text, accepts(node, text)]).toEqual([text, isWithin])
          if (Number.isInteger(value))
            expect([text, accepts(whole, text)]).toEqual([text, isWithin && !text.includes('.')])
        }
      },
    )
    fc.assert(law, { numRuns: 150 })
  })

  test('no double lies on the wrong side of a bound it is close to', () => {
    expect(limited({ exclusiveMaximum: 0.3 })('0.29999999999999999')).toBe(false) // which is 0.3
    expect(limited({ exclusiveMaximum: 0.3 })('0.299999')).toBe(true)
    expect(limited({ minimum: 1e-7 })('0')).toBe(false)
    expect(limited({ minimum: 1e-7 })('0.000001')).toBe(true)
    expect(limited({ maximum: 1e300 })('999999999999999')).toBe(true)
    expect(limited({ minimum: -0.5, maximum: 0 })('-0')).toBe(false)
  })

  test('lengths count characters, however they are written', () => {
    const short = { type: 'string', maxLength: 2 }
    for (const text of ['', '日本', '😀😀', '"\\', '\n\u0001', 'é'])
      expect(allows(short, JSON.stringify(text))).toBe(true)
    for (const text of ['abc', '日本語', '\n\n\n']) expect(allows(short, JSON.stringify(text))).toBe(false)
    expect(allows(short, '"\\u0041"')).toBe(false) // written in one way alone
  })

  test('a pattern may match anywhere, and together with a length', () => {
    const schema = { type: 'string', pattern: 'b+"', maxLength: 5 }
    expect(['ab"', 'b"', 'aabb"', 'abb"x', 'b', 'aaabb"'].map((text) => allows(schema, JSON.stringify(text)))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })

  test('properties come in order, those that need not be there may be left out, others are named anew', () => {
    const schema = { properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } }, required: ['b'] }
    const texts = [
      '{"a":1,"b":2,"c":3}',
      '{"b": 2, "c":3}',
      '{"b":2}',
      '{"a":1}',
      '{"b":2,"a":1}',
      '{"b":2,"d":1}',
      '{"b" :2}',
    ]
    expect(texts.map((text) => allows(schema, text))).toEqual([true, true, true, false, false, false, false])
    const open = { ...schema, additionalProperties: { type: 'boolean' } }
    const more = ['{"b":2,"d":true}', '{"b":2,"a":true}', '{"b":2,"a\\"":false}', '{"b":2,"d":1}']
    expect(more.map((text) => allows(open, text))).toEqual([true, false, true, false])
  })

  test('allOf, anyOf and $ref beside other keywords all count', () => {
    const base = { type: 'object', properties: { n: { type: 'integer', minimum: 3 } }, required: ['n'] }
    const schema = {
      $defs: { base },
      $ref: '#/$defs/base',
      allOf: [{ properties: { n: { type: 'number', maximum: 5 } } }],
    }
    expect(['{"n":3}', '{"n":5}', '{"n":6}', '{"n":2}', '{"n":4.5}', '{}'].map((text) => allows(schema, text))).toEqual(
      [true, true, false, false, false, false],
    )
    const either = { type: 'string', maxLength: 3, anyOf: [{ pattern: '^a' }, { enum: ['b', 'bbbb'] }] }
    expect(['"abc"', '"abcd"', '"b"', '"bbbb"', '"c"'].map((text) => allows(either, text))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ])
  })
})

describe('what cannot be kept to is refused by its name', () => {
  test.each<[string, Schema]>([
    ['keyword oneOf', { oneOf: [{ type: 'string' }, { minLength: 2 }] }],
    ['keyword not', { type: 'object', properties: { a: { not: {} } } }],
    ['0.5 for multipleOf', { type: 'number', multipleOf: 0.5 }],
    ['keyword uniqueItems', { type: 'array', uniqueItems: true }],
    ['keyword patternProperties', { patternProperties: {} }],
    ['keyword if', { allOf: [{ if: {} }] }],
    ['"format":"ipv4"', { type: 'string', format: 'ipv4' }],
    ['"text" for type', { type: 'text' }],
    ['-1 for minLength', { minLength: -1 }],
    ['for items', { items: [{ type: 'string' }] }],
    ['true for exclusiveMinimum', { minimum: 1, exclusiveMinimum: true }],
    ['"#/$defs/none", which leads to no schema', { $ref: '#/$defs/none' }],
    ['"https://example.org/a", which leads to no schema', { $ref: 'https://example.org/a' }],
    ['refers to itself', { allOf: [{ $ref: '#' }] }],
    ['refers to itself', { anyOf: [{ $ref: '#' }, { type: 'null' }] }],
    ['looks ahead', { type: 'string', pattern: '(?=a)b' }],
    ['allows nothing', { type: 'string', minLength: 3, maxLength: 2 }],
    ['allows nothing', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
    ['allows nothing', { allOf: [{ type: 'string' }, { type: 'number' }] }],
    ['too large', { type: 'string', pattern: '^(?:[ab]*a[ab]{14})$', minLength: 3 }],
  ])('%s', async (words, schema) => {
    await expect(reply(schema, 1)).rejects.toMatchObject({
      code: 'option/invalid',
      message: expect.stringContaining(words),
    })
  })
})
