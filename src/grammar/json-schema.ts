/**
 * @file JSON Schema, read: keywords checked, references followed, `allOf`, `anyOf` and `oneOf` worked into one flat
 * description for each alternative. How these are written: `json.ts`. Long, since a keyword is checked, merged and counted
 * beside the others that it bears on.
 */

import { RwkvError } from '../core/errors.ts'
import { show } from '../core/show.ts'
import type { Meter, Sliced } from '../core/slices.ts'

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
  /** A number is a multiple of each. */
  readonly multiples: readonly number[]
  /** The keywords with a number. */
  readonly limits: Readonly<Partial<Record<Limit, number>>>
  readonly properties: ReadonlyMap<string, Schema>
  readonly required: readonly string[]
  readonly additional?: Schema
  /** Of the names of properties. */
  readonly names?: Schema
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
const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1
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
  ['format', isText],
  ['multipleOf', isWhole],
  ...Object.keys(LIMITS).map((name) => [name, /Len|Items/.test(name) ? isCount : Number.isFinite] as const),
  ['properties', (value) => isRecord(value) && Object.values(value).every(isSchema)],
  ['required', isList(isText)],
  ...['additionalProperties', 'propertyNames', 'items'].map((name) => [name, isSchema] as const),
  ...['prefixItems', 'anyOf', 'oneOf', 'allOf'].map((name) => [name, areSchemas] as const),
  ['$ref', isText],
  ...['$defs', 'definitions'].map((name) => [name, isRecord] as const),
  ...'title description default examples deprecated readOnly writeOnly contentEncoding contentMediaType $schema $id $comment'
    .split(' ')
    .map((name) => [name, isAny] as const),
])

const NOT_SUPPORTED = 'is not supported. Leave it out, or say it in another way: supported are'
const MOST_ALTERNATIVES = 1000
const MOST_DEPTH = 100

type Both = (first: Schema, second: Schema) => Schema

/** Reads the schemas of one document. */
export interface SchemaReader {
  /**
   * What a schema asks: one of these.
   * @throws RwkvError `option/invalid` naming the keyword
   */
  read(schema: Schema): Sliced<readonly Flat[]>
  /** What a schema that says nothing else refers to; else itself. */
  follow(schema: Schema): Schema
}

/** A reader of the document `root`. */
export function createSchemaReader(root: Schema, meter: Meter): SchemaReader {
  const numbers = new Map<Schema, number>()
  const parts = new Map<Schema, readonly Schema[]>() // of those that are joined
  const joined = new Map<string, Schema>()
  const known = new Map<Schema, readonly Flat[]>()
  const open = new Set<Schema>() // being read

  const numberOf = (schema: Schema): number => {
    const number = numbers.get(schema) ?? numbers.size
    numbers.set(schema, number)
    return number
  }

  /** The schema that holds where both of these must: the same one for the same ones, or recursion would not end. */
  const both: Both = (first, second) => {
    const all = [first, second].flatMap((schema) => parts.get(schema) ?? [schema])
    const allOf = [...new Set(all)].filter((schema) => schema !== true).sort((a, b) => numberOf(a) - numberOf(b))
    meter.spend(all.length)
    if (allOf.length < 2) return allOf[0] ?? true
    const key = allOf.map(numberOf).join()
    const schema = joined.get(key) ?? { allOf }
    joined.set(key, schema)
    parts.set(schema, allOf)
    return schema
  }

  function find(reference: string): Schema {
    const found = lookUp(root, reference)
    if (isSchema(found)) return found
    throw refuse(`has the $ref ${show(reference)}, which leads to no schema of this document`, { $ref: reference })
  }

  function* read(schema: Schema): Sliced<readonly Flat[]> {
    if (schema === false) return []
    if (schema === true) return [NOTHING_SAID]
    const before = known.get(schema)
    if (before) return before
    if (open.has(schema)) throw refuse('refers to itself without saying more', schema)
    if (open.size > MOST_DEPTH) throw refuse(`lies more than ${MOST_DEPTH} allOf, anyOf, oneOf or $ref deep`, schema)
    open.add(schema)
    try {
      const all = yield* readParts(schema)
      known.set(schema, all)
      return all
    } finally {
      open.delete(schema)
    }
  }

  function* readParts(schema: Exclude<Schema, boolean>): Sliced<readonly Flat[]> {
    check(schema)
    if (meter.spend(10 + Object.keys(schema).length)) yield meter.rest()
    let all: readonly Flat[] = [own(schema)]
    function* and(others: readonly Flat[]): Sliced<void> {
      if (all.length * others.length > MOST_ALTERNATIVES) throw refuse('has too many alternatives', schema)
      const merged: Flat[] = []
      for (const one of all)
        for (const other of others) {
          if (meter.spend(3 * (20 + one.properties.size + other.properties.size))) yield meter.rest()
          merged.push(merge(one, other, both))
        }
      all = merged
    }
    function* readAll(schemas: unknown): Sliced<(readonly Flat[])[]> {
      const alternatives: (readonly Flat[])[] = []
      for (const alternative of schemas as Schema[]) alternatives.push(yield* read(alternative))
      return alternatives
    }
    if (schema.$ref !== undefined) yield* and(yield* read(find(schema.$ref as string)))
    for (const part of (schema.allOf ?? []) as Schema[]) yield* and(yield* read(part))
    if (schema.anyOf) yield* and((yield* readAll(schema.anyOf)).flat())
    if (schema.oneOf) {
      const alternatives = yield* readAll(schema.oneOf)
      if (!(yield* areToldApart(alternatives))) yield* refuseOverlaps(alternatives, schema)
      yield* and(alternatives.flat())
    }
    return all
  }

  /** True if every alternative asks for a property by whose value it is known at once, as most lists of objects do. */
  function* areToldApart(alternatives: readonly (readonly Flat[])[]): Sliced<boolean> {
    for (const name of alternatives[0]?.[0]?.required ?? []) {
      const of = new Map<string, number>() // the alternative of each value
      let isTold = true
      for (let place = 0; isTold && place < alternatives.length; place++)
        for (const flat of alternatives[place] as readonly Flat[]) {
          const values = yield* valuesOf(flat, name)
          isTold &&= values?.every((value) => (of.get(value) ?? place) === place) ?? false
          for (const value of values ?? []) of.set(value, place)
        }
      if (isTold) return true
    }
    return false
  }

  /** The values, as JSON, that an object may have for a property that it must have; undefined where they are not listed. */
  function* valuesOf({ types, required, properties }: Flat, name: string): Sliced<readonly string[] | undefined> {
    const schema = properties.get(name)
    if (schema === undefined || types?.join() !== 'object' || !required.includes(name)) return undefined
    const flats = yield* readIfClosed(schema)
    const listed = flats?.map(({ values }) => values)
    if (!listed || listed.includes(undefined)) return undefined
    const values = listed.flatMap((values = []) => values.map((value) => JSON.stringify(value)))
    if (meter.spend(5 + values.length)) yield meter.rest()
    return values
  }

  function* refuseOverlaps(alternatives: readonly (readonly Flat[])[], schema: Schema): Sliced<void> {
    for (const [i, flats] of alternatives.entries())
      for (const others of alternatives.slice(i + 1))
        if (!(yield* areDisjoint(flats, others, 0)))
          throw refuse(
            'has the keyword oneOf with alternatives that may hold at once. Require in each a property that is told apart by const or enum, or write anyOf',
            schema,
          )
  }

  /** True if no value is surely of both. */
  function* areDisjoint(some: readonly Flat[], others: readonly Flat[], depth: number): Sliced<boolean> {
    for (const a of some) for (const b of others) if (!(yield* isDisjoint(a, b, depth))) return false
    return true
  }

  function* isDisjoint(a: Flat, b: Flat, depth: number): Sliced<boolean> {
    if (meter.spend(10)) yield meter.rest()
    const types = sharedTypes(typesOf(a), typesOf(b))
    if (types.length === 0) return true
    if (a.values && b.values) return shared(a.values, b.values).length === 0
    if (depth > 3 || !types.every((type) => type === 'object')) return false
    const asked = new Set(b.required)
    for (const name of a.required) {
      const [one, other] = [a.properties.get(name), b.properties.get(name)]
      if (!asked.has(name) || one === undefined || other === undefined) continue
      const [flats, others] = [yield* readIfClosed(one), yield* readIfClosed(other)]
      if (flats && others && (yield* areDisjoint(flats, others, depth + 1))) return true
    }
    return false
  }

  /** Nothing where what is being read would have to be known, or is at fault: that is found out where it is written. */
  function* readIfClosed(schema: Schema): Sliced<readonly Flat[] | undefined> {
    try {
      return yield* read(schema)
    } catch {
      return undefined
    }
  }

  return {
    read,
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

/** The types that a value may have. */
const typesOf = ({ types = TYPES, values }: Flat): readonly Type[] =>
  values ? types.filter((type) => values.some((value) => isOfType(type, value))) : types

/** What a reference leads to, its names as they stand, or as they are encoded in addresses. */
function lookUp(root: Schema, reference: string): unknown {
  if (reference[0] !== '#') return undefined
  for (const pointer of [decoded(reference.slice(1)), reference.slice(1)]) {
    const [first, ...steps] = pointer?.split('/') ?? ['none']
    if (first !== '') continue
    let found: unknown = root
    for (const step of steps) {
      const holder = isRecord(found) || Array.isArray(found) ? (found as Readonly<Record<string, unknown>>) : {}
      const name = [step.replaceAll('~1', '/').replaceAll('~0', '~'), step].find((name) => Object.hasOwn(holder, name))
      found = name === undefined ? undefined : holder[name]
    }
    if (found !== undefined) return found
  }
  return undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a percent sign that is no escape
  }
}

/** True if a schema says nothing but `$ref`. */
const isAlone = (schema: Schema) =>
  Object.keys(schema).every(
    (name) => name === '$ref' || KEYWORDS.get(name) === isAny || KEYWORDS.get(name) === isRecord,
  )

/** True if nothing is asked of a value. */
export const saysNothing = (schema: Schema) =>
  schema === true || (schema !== false && Object.keys(schema).every((name) => KEYWORDS.get(name) === isAny))

const NOTHING_SAID: Flat = {
  patterns: [],
  formats: [],
  multiples: [],
  limits: {},
  properties: new Map(),
  required: [],
  prefix: [],
}

/** The error that names what of `schema` cannot be kept to. */
export const refuse = (what: string, schema: unknown): RwkvError =>
  new RwkvError('option/invalid', `The schema ${show(schema)} ${what}.`)

function check(schema: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(schema)) {
    const accepts = KEYWORDS.get(name)
    if (!accepts)
      throw refuse(`has the keyword ${name}, which ${NOT_SUPPORTED} ${[...KEYWORDS.keys()].join(', ')}`, schema)
    if (accepts(value)) continue
    const hint = name === 'multipleOf' ? '; expected a whole number of at least 1' : ''
    throw refuse(`has ${show(value)} for ${name}, which that cannot be here${hint}`, schema)
  }
}

/** What a schema says itself. */
function own(schema: Readonly<Record<string, unknown>>): Flat {
  const values = [
    ...('const' in schema ? [[schema.const]] : []),
    ...('enum' in schema ? [schema.enum as unknown[]] : []),
  ]
  const limits = Object.keys(LIMITS).flatMap((name) =>
    Object.hasOwn(schema, name) ? [[name, schema[name]] as const] : [],
  )
  return {
    ...('type' in schema && { types: [schema.type].flat() as Type[] }),
    ...(values[0] && { values: values.reduce((a, b) => shared(a, b)) }),
    patterns: 'pattern' in schema ? [schema.pattern as string] : [],
    formats: 'format' in schema ? [schema.format as string] : [],
    multiples: 'multipleOf' in schema ? [schema.multipleOf as number] : [],
    limits: Object.fromEntries(limits),
    properties: new Map(Object.entries((schema.properties ?? {}) as Record<string, Schema>)),
    required: (schema.required ?? []) as string[],
    ...('additionalProperties' in schema && { additional: schema.additionalProperties as Schema }),
    ...('propertyNames' in schema && { names: schema.propertyNames as Schema }),
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
  const names = join(a.names, b.names)
  const all = new Set([...a.properties.keys(), ...b.properties.keys()])
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
    multiples: [...new Set([...a.multiples, ...b.multiples])],
    limits,
    properties: new Map(Array.from(all, (name) => [name, join(property(a, name), property(b, name)) ?? true] as const)),
    required: [...new Set([...a.required, ...b.required])],
    ...(additional !== undefined && { additional }),
    ...(names !== undefined && { names }),
    prefix: Array.from({ length: longer }, (_, i) => join(a.prefix[i] ?? a.items, b.prefix[i] ?? b.items) ?? true),
    ...(items !== undefined && { items }),
  }
}

/** Whether a value is of a type. */
export function isOfType(type: Type, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return isRecord(value)
  return typeof value === type
}

const sharedTypes = (a: readonly Type[], b: readonly Type[]): Type[] => [
  ...a.filter((type) => b.includes(type) || (type === 'integer' && b.includes('number'))),
  ...b.filter((type) => type === 'integer' && !a.includes(type) && a.includes('number')),
]

const shared = (a: readonly unknown[], b: readonly unknown[]): unknown[] => {
  const texts = new Set(b.map((value) => JSON.stringify(value)))
  return a.filter((value) => texts.has(JSON.stringify(value)))
}
