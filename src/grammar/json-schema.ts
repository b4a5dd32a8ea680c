/**
 * @file JSON Schema, read: keywords checked, references followed, `allOf` and `anyOf` worked into one flat description for
 * each alternative. How these are written: `json.ts`.
 */

import { RwkvError } from '../core/errors.ts'
import { FORMATS } from './text-formats.ts'

/** A schema as it comes. */
export type Schema = boolean | { readonly [keyword: string]: unknown }

/** The types of JSON. */
export const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
export type Type = (typeof TYPES)[number]

/** What one alternative of a schema asks of a value. */
export interface Flat {
  /** Absent: nothing was said. */
  readonly types?: readonly Type[]
  /** Of `enum` and `const`. */
  readonly values?: readonly unknown[]
  readonly patterns: readonly string[]
  readonly formats: readonly string[]
  /** The keywords with a number. */
  readonly limits: Readonly<Partial<Record<Limit, number>>>
  readonly properties: ReadonlyMap<string, Schema>
  readonly required: readonly string[]
  readonly additional?: Schema
  readonly prefix: readonly Schema[]
  readonly items?: Schema
}

/** The keywords with a number, and of what type they speak. */
export const LIMITS = {
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  minItems: 'array',
  maxItems: 'array',
} as const satisfies Record<string, Type>
type Limit = keyof typeof LIMITS

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSchema = (value: unknown): value is Schema => typeof value === 'boolean' || isRecord(value)
const isList = (isOne: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(isOne)
const isText = (value: unknown) => typeof value === 'string'
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isAny = () => true
const isType = (value: unknown) => (TYPES as readonly unknown[]).includes(value)
const areSchemas = (value: unknown) => isList(isSchema)(value) && (value as unknown[]).length > 0

/** What each keyword may be. */
const KEYWORDS: ReadonlyMap<string, (value: unknown) => boolean> = new Map<string, (value: unknown) => boolean>([
  ['type', (value) => isType(value) || isList(isType)(value)],
  ['enum', isList(isAny)],
  ['const', () => true],
  ['pattern', isText],
  ['format', (value) => typeof value === 'string' && FORMATS.has(value)],
  ...Object.keys(LIMITS).map((name) => [name, /Len|Items/.test(name) ? isCount : Number.isFinite] as const),
  ['properties', (value) => isRecord(value) && Object.values(value).every(isSchema)],
  ['required', isList(isText)],
  ...['additionalProperties', 'items'].map((name) => [name, isSchema] as const),
  ...['prefixItems', 'anyOf', 'allOf'].map((name) => [name, areSchemas] as const),
  ['$ref', isText],
  ...['$defs', 'definitions'].map((name) => [name, isRecord] as const),
  ...'title description default examples deprecated readOnly writeOnly $schema $id $comment'
    .split(' ')
    .map((name) => [name, isAny] as const),
])

const NOT_SUPPORTED = 'is not supported. Leave it out, or say it in another way: supported are'
const MOST_ALTERNATIVES = 1000

type Both = (first: Schema, second: Schema) => Schema

/** Reads the schemas of one document. */
export interface SchemaReader {
  /**
   * What a schema asks: one of these.
   * @throws RwkvError `option/invalid` naming the keyword
   */
  read(schema: Schema): readonly Flat[]
  /** What a schema that says nothing else refers to; else itself. */
  follow(schema: Schema): Schema
}

/** A reader of the document `root`. */
export function createSchemaReader(root: Schema): SchemaReader {
  const joined = new Map<Schema, Map<Schema, Schema>>()

  /** The schema that holds where both of these must: the same one for the same two, or recursion would not end. */
  const both: Both = (first, second) => {
    if (first === second || second === true) return first
    if (first === true) return second
    const partners = joined.get(first) ?? new Map<Schema, Schema>()
    const schema = partners.get(second) ?? { allOf: [first, second] }
    joined.set(first, partners.set(second, schema))
    return schema
  }

  function find(reference: string): Schema {
    const steps = reference.split('/')
    let found: unknown = root
    if (steps.shift() !== '#') found = undefined
    for (const step of steps) {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
      found =
        (isRecord(found) || Array.isArray(found)) && Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined
    }
    if (isSchema(found)) return found
    throw refuse(`has the $ref ${JSON.stringify(reference)}, which leads to no schema of this document`, {
      $ref: reference,
    })
  }

  function read(schema: Schema, within: readonly Schema[] = []): readonly Flat[] {
    if (schema === false) return []
    if (schema === true) return [NOTHING_SAID]
    if (within.includes(schema)) throw refuse('refers to itself without saying more', schema)
    check(schema)
    const inner = (one: Schema) => read(one, [...within, schema])
    let all: readonly Flat[] = [own(schema)]
    const and = (others: readonly Flat[]) => {
      all = all.flatMap((one) => others.map((other) => merge(one, other, both)))
      if (all.length > MOST_ALTERNATIVES) throw refuse('has too many alternatives', schema)
    }
    if (schema.$ref !== undefined) and(inner(find(schema.$ref as string)))
    for (const part of (schema.allOf ?? []) as Schema[]) and(inner(part))
    if (schema.anyOf) and((schema.anyOf as Schema[]).flatMap(inner))
    return all
  }

  return {
    read: (schema) => read(schema),
    follow(schema) {
      const seen = new Set<Schema>()
      let at = schema
      while (typeof at === 'object' && typeof at.$ref === 'string' && isAlone(at) && !seen.has(at)) {
        seen.add(at)
        at = find(at.$ref)
      }
      return at
    },
  }
}

/** True if a schema says nothing but `$ref`. */
const isAlone = (schema: Schema) =>
  Object.keys(schema).every(
    (name) => name === '$ref' || KEYWORDS.get(name) === isAny || KEYWORDS.get(name) === isRecord,
  )

const NOTHING_SAID: Flat = { patterns: [], formats: [], limits: {}, properties: new Map(), required: [], prefix: [] }

function refuse(what: string, schema: Schema): RwkvError {
  const shown = JSON.stringify(schema)
  return new RwkvError('option/invalid', `The schema ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} ${what}.`)
}

function check(schema: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(schema)) {
    const accepts = KEYWORDS.get(name)
    if (!accepts)
      throw refuse(`has the keyword ${name}, which ${NOT_SUPPORTED} ${[...KEYWORDS.keys()].join(', ')}`, schema)
    if (accepts(value)) continue
    const hint = name === 'format' ? `; supported are ${[...FORMATS.keys()].join(', ')}` : ''
    throw refuse(`has ${JSON.stringify(value)} for ${name}, which that cannot be here${hint}`, schema)
  }
}

/** What a schema says itself. */
function own(schema: Readonly<Record<string, unknown>>): Flat {
  const values = [
    ...('const' in schema ? [[schema.const]] : []),
    ...('enum' in schema ? [schema.enum as unknown[]] : []),
  ]
  const limits = Object.keys(LIMITS).flatMap((name) => (name in schema ? [[name, schema[name]] as const] : []))
  return {
    ...('type' in schema && { types: [schema.type].flat() as Type[] }),
    ...(values[0] && { values: values.reduce((a, b) => shared(a, b)) }),
    patterns: 'pattern' in schema ? [schema.pattern as string] : [],
    formats: 'format' in schema ? [schema.format as string] : [],
    limits: Object.fromEntries(limits),
    properties: new Map(Object.entries((schema.properties ?? {}) as Record<string, Schema>)),
    required: (schema.required ?? []) as string[],
    ...('additionalProperties' in schema && { additional: schema.additionalProperties as Schema }),
    prefix: (schema.prefixItems ?? []) as Schema[],
    ...('items' in schema && { items: schema.items as Schema }),
  }
}

/** What both ask. */
function merge(a: Flat, b: Flat, both: Both): Flat {
  const join = (x: Schema | undefined, y: Schema | undefined) =>
    x === undefined ? y : y === undefined ? x : both(x, y)
  const limits: Partial<Record<Limit, number>> = { ...a.limits }
  for (const [name, limit] of Object.entries(b.limits) as [Limit, number][]) {
    const other = limits[name] ?? limit
    limits[name] = /^min|Min/.test(name) ? Math.max(limit, other) : Math.min(limit, other)
  }
  const property = ({ properties, additional }: Flat, name: string) => properties.get(name) ?? additional
  const names = new Set([...a.properties.keys(), ...b.properties.keys()])
  const types = a.types && b.types ? sharedTypes(a.types, b.types) : (a.types ?? b.types)
  const values = a.values && b.values ? shared(a.values, b.values) : (a.values ?? b.values)
  const additional = join(a.additional, b.additional)
  const items = join(a.items, b.items)
  const longer = Math.max(a.prefix.length, b.prefix.length)
  return {
    ...(types && { types }),
    ...(values && { values }),
    patterns: [...new Set([...a.patterns, ...b.patterns])],
    formats: [...new Set([...a.formats, ...b.formats])],
    limits,
    properties: new Map(
      Array.from(names, (name) => [name, join(property(a, name), property(b, name)) ?? true] as const),
    ),
    required: [...new Set([...a.required, ...b.required])],
    ...(additional !== undefined && { additional }),
    prefix: Array.from({ length: longer }, (_, i) => join(a.prefix[i] ?? a.items, b.prefix[i] ?? b.items) ?? true),
    ...(items !== undefined && { items }),
  }
}

const sharedTypes = (a: readonly Type[], b: readonly Type[]): Type[] => [
  ...a.filter((type) => b.includes(type) || (type === 'integer' && b.includes('number'))),
  ...b.filter((type) => type === 'integer' && !a.includes(type) && a.includes('number')),
]

const shared = (a: readonly unknown[], b: readonly unknown[]): unknown[] => {
  const texts = new Set(b.map((value) => JSON.stringify(value)))
  return a.filter((value) => texts.has(JSON.stringify(value)))
}
