/** @file Random JSON Schemas, of all keywords that formats know. */

import fc from 'fast-check'

export type Schema = Record<string, unknown>

const name = fc.constantFrom('a', 'b', 'ab', 'name', 'a "b"', 'é', '', 'x\ny', '日')
const bounds = fc
  .tuple(fc.integer({ min: -1200, max: 1200 }), fc.nat(300), fc.constantFrom(1, 0.1, 0.5, 0.001, 1000))
  .map(([low, width, unit]) => [low * unit, (low + width + 2) * unit])
const limits = bounds.chain(([low, high]) =>
  fc.constantFrom<Schema>(
    { minimum: low },
    { maximum: high },
    { minimum: low, maximum: high },
    { exclusiveMinimum: low, maximum: high },
    { exclusiveMinimum: low, exclusiveMaximum: high },
    { exclusiveMaximum: high },
    {},
  ),
)
const lengths = fc
  .tuple(fc.nat(6), fc.nat(6))
  .chain(([least, more]) => fc.constantFrom<[number, number]>([least, Infinity], [0, least], [least, least + more]))
const withLengths = (what: string) =>
  lengths.map(([least, most]) => ({
    ...(least > 0 && { [`min${what}`]: least }),
    ...(most < Infinity && { [`max${what}`]: most }),
  }))
const pattern = fc.constantFrom(
  '^a+$',
  'b',
  '^[a-c]{2,4}',
  'x|y$',
  '^(?:\\d{3}-)?\\w+$',
  '"',
  '\\\\n',
  '^[^a]*$',
  '[é-日]',
  '^.$',
  '\\s',
)
const text = fc.oneof(
  withLengths('Length'),
  pattern.map((pattern) => ({ pattern })),
  pattern.map((pattern) => ({ pattern, minLength: 1, maxLength: 6 })),
  fc.constantFrom('date', 'date-time', 'uuid', 'email').map((format) => ({ format })),
  fc.constant({ format: 'email', maxLength: 20 }),
)
// The judge itself calls `toString` and `valueOf` of the values it compares.
const value = fc
  .jsonValue({ maxDepth: 1 })
  .filter((one) => !/"(?:toString|valueOf|__proto__)"/.test(JSON.stringify(one)))
const leaf: fc.Arbitrary<Schema> = fc.oneof(
  text.map((more) => ({ type: 'string', ...more })),
  limits.map((more) => ({ type: 'number', ...more })),
  limits.chain((more) =>
    'minimum' in more || 'maximum' in more || Object.keys(more).length < 2
      ? fc.constant<Schema>({
          type: 'integer',
          ...more,
          ...('maximum' in more && { maximum: Math.ceil(more.maximum as number) + 1 }),
        })
      : fc.constant<Schema>({ type: 'integer' }),
  ),
  fc.constantFrom<Schema>(
    { type: 'boolean' },
    { type: 'null' },
    {},
    { type: ['string', 'null'] },
    { $ref: '#/$defs/node' },
  ),
  fc
    .uniqueArray(value, { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify(one) })
    .map((values) => ({ enum: values })),
  value.map((one) => ({ const: one })),
  fc.constant<Schema>({ enum: ['cat', 'a', 5, 700, 'catfish'], minLength: 2, minimum: 6, type: ['string', 'number'] }),
)
/** Of everything that formats can keep to; refers to `$defs`. */
export const { schema } = fc.letrec<{ schema: Schema; object: Schema; array: Schema }>((tie) => ({
  object: fc
    .record({
      properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
      asked: fc.subarray(['a', 'b', 'é']),
      additional: fc.option(fc.oneof(fc.boolean(), tie('schema')), { nil: undefined }),
    })
    .map(({ properties, asked, additional }) => {
      const required = additional === false ? asked.filter((one) => Object.hasOwn(properties, one)) : asked
      return {
        type: 'object',
        properties,
        required,
        ...(additional !== undefined && { additionalProperties: additional }),
      }
    }),
  array: fc
    .record({
      items: fc.option(tie('schema'), { nil: undefined }),
      prefixItems: fc.option(fc.array(tie('schema'), { minLength: 1, maxLength: 2 }), { nil: undefined }),
      counts: withLengths('Items'),
    })
    .map(({ items, prefixItems, counts }) => ({
      type: 'array',
      ...(items && { items }),
      ...(prefixItems && { prefixItems }),
      ...counts,
    })),
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie('object'),
    tie('array'),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.tuple(tie('object'), tie('object')).map((allOf) => ({ allOf })),
    tie('object').map((one) => ({ ...one, anyOf: [{ required: ['a'] }, { properties: { b: { type: 'string' } } }] })),
  ),
}))
/** What a whole schema must have beside. */
export const $defs = {
  node: {
    type: 'object',
    properties: {
      value: { type: 'integer', minimum: 0 },
      next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 3 },
    },
    required: ['value', 'next'],
    additionalProperties: false,
  },
}
