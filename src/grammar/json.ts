/**
 * @file JSON that keeps to a schema, as rules. Written in one way: properties in the schema's order, at most one space
 * behind each colon and comma and no other white space, characters of texts as `JSON.stringify` writes them, numbers of at
 * most 15 digits before the point. What a schema leaves open is read narrowly: a list of properties is all of them unless
 * `additionalProperties` says more.
 */

import type { Meter, Sliced } from '../core/slices.ts'
import { combine } from './automaton.ts'
import { ANY, type WriteCharacters, writeInString, writePlain } from './characters.ts'
import {
  createSchemaReader,
  type Flat,
  LIMITS,
  refuse,
  type Schema,
  saysNothing,
  TYPES,
  type Type,
} from './json-schema.ts'
import { choice, choiceOf, createRule, EMPTY, NOTHING, type Node, type Rule, repeat, sequence } from './node.ts'
import { divisibleBy, leastMultiple, MOST_DIGITS, numerals, scaled } from './numbers.ts'
import { parseRegex, readRegex } from './regex.ts'
import { createJudge } from './satisfies.ts'
import { FORMATS } from './text-formats.ts'
import { literal, oneOf } from './texts.ts'

const NUMBER = parseRegex('-?(?:0|[1-9]\\d{0,14})(?:\\.\\d{1,17})?(?:[eE][+-]?\\d{1,2})?')
const INTEGER = numerals(1 - 10 ** MOST_DIGITS, 10 ** MOST_DIGITS - 1, 0)
const SPACE = repeat(literal(' '), 0, 1)
const [COMMA, COLON] = [sequence(literal(','), SPACE), sequence(literal(':'), SPACE)]
const QUOTE = literal('"')
const CHARACTER = writeInString(ANY)
const TEXT = sequence(QUOTE, repeat(CHARACTER, 0), QUOTE)
/** A schema that says nothing. */
const ANYTHING: Schema = {}

const MOST_LISTED = 1000

/**
 * The values that `schema` describes.
 * @throws RwkvError `option/invalid` naming what cannot be kept to
 */
export function* writeJson(schema: Schema, meter: Meter): Sliced<Node> {
  const { read, follow } = createSchemaReader(schema, meter)
  const { satisfies } = createJudge(read, (flat) => textsOf(flat, writePlain, meter), meter)
  const rules = new Map<Schema, Rule>()
  const joins: { readonly rule: Rule; readonly of: readonly [Node, Node, 'both' | 'minus'] }[] = []

  /** The rule of a schema, whose body comes later: schemas may lie in each other as deep as they like. */
  function nodeOf(given: Schema): Node {
    const followed = follow(given)
    const schema = followed === true || saysNothing(followed) ? ANYTHING : followed
    if (schema === false) return NOTHING
    const rule = rules.get(schema) ?? createRule('schema')
    rules.set(schema, rule)
    return rule
  }

  /** What both allow, or the first alone, worked out once all rules are there. Of texts, which hold no schemas. */
  function joinedOf(...of: [Node, Node, 'both' | 'minus']): Node {
    const rule = createRule('text')
    joins.push({ rule, of })
    return rule
  }

  function* flatOf(flat: Flat): Sliced<Node> {
    const { values, ...more } = flat
    if (values) return oneOf((yield* satisfying(values, [more])).map((value) => JSON.stringify(value)))
    const { types = spokenOf(flat) } = flat
    const nodes: Node[] = []
    for (const type of types) nodes.push(yield* typed(type, flat))
    return choiceOf(nodes)
  }

  /** Those of `values` that are what one of the alternatives asks. */
  function* satisfying<T>(values: readonly T[], flats: readonly Flat[]): Sliced<T[]> {
    const all: T[] = []
    for (const value of values) if (yield* satisfies(value, flats)) all.push(value)
    return all
  }

  function* typed(type: Type, flat: Flat): Sliced<Node> {
    if (type === 'null') return literal('null')
    if (type === 'boolean') return oneOf(['true', 'false'])
    if (type === 'string') return yield* textOf(flat)
    if (type === 'array') return arrayOf(flat)
    return type === 'object' ? yield* objectOf(flat) : numberOf(type, flat)
  }

  function* textOf(flat: Flat): Sliced<Node> {
    const { minLength = 0, maxLength = Infinity } = flat.limits
    const parts = [...(yield* textsOf(flat, writeInString, meter))]
    if (minLength > 0 || maxLength < Infinity)
      parts.push(minLength > maxLength ? NOTHING : repeat(CHARACTER, minLength, maxLength))
    if (parts.length === 0) return TEXT
    return sequence(
      QUOTE,
      parts.reduce((a, b) => joinedOf(a, b, 'both')),
      QUOTE,
    )
  }

  function arrayOf({ prefix, items, limits: { minItems = 0, maxItems = Infinity } }: Flat): Node {
    const isOpen = items !== undefined || prefix.length === 0
    const most = Math.min(maxItems, isOpen ? Infinity : Math.max(prefix.length, minItems))
    if (minItems > most) return NOTHING
    const item = nodeOf(items ?? ANYTHING)
    const listed = Math.min(prefix.length, most)
    const behind = (count: number) => Math.max(0, count - listed)
    // From the end: what may follow after so many items.
    let rest: Node = repeat(sequence(COMMA, item), behind(minItems), behind(most))
    if (listed === 0) {
      const [least, more] = [Math.max(0, minItems - 1), most - 1]
      const filled = most > 0 ? sequence(item, repeat(sequence(COMMA, item), least, more)) : NOTHING
      rest = minItems > 0 ? filled : choice(EMPTY, filled)
    }
    for (let place = listed - 1; place >= 0; place--) {
      const one = nodeOf(prefix[place] as Schema)
      const next = sequence(...(place > 0 ? [COMMA] : []), one, rest)
      rest = place < minItems ? next : choice(EMPTY, next)
    }
    return sequence(literal('['), rest, literal(']'))
  }

  function* objectOf({ properties, required, additional: said, names }: Flat): Sliced<Node> {
    const ofNames = names === undefined ? undefined : yield* read(names)
    const isNamed = new Set([...properties.keys(), ...required])
    if (ofNames) for (const name of isNamed) if (!(yield* satisfies(name, ofNames))) isNamed.delete(name)
    if (!required.every((name) => isNamed.has(name))) return NOTHING
    const asked = new Set(required)
    const known = new Map([...properties].filter(([name]) => isNamed.has(name)))
    for (const name of required) if (!known.has(name)) known.set(name, said ?? true)
    let additional = said ?? properties.size === 0
    const all = ofNames && (yield* namesListed(ofNames))
    if (all && additional !== false) {
      for (const name of all) if (!properties.has(name) && !known.has(name)) known.set(name, additional)
      additional = false
    }
    // What may follow, from the end: behind another pair, and at the beginning.
    let behind: Node = EMPTY
    let begin: Node = EMPTY
    if (additional !== false) {
      const name = yield* nameOf(ofNames, [...properties.keys(), ...required])
      const pair = sequence(name, COLON, nodeOf(additional))
      behind = repeat(sequence(COMMA, pair), 0)
      begin = choice(EMPTY, sequence(pair, behind))
    }
    for (const [name, value] of [...known].reverse()) {
      if (meter.spend(10 + (name.length >> 3))) yield meter.rest()
      const pair = sequence(literal(JSON.stringify(name)), COLON, nodeOf(value))
      const [first, next] = [sequence(pair, behind), sequence(COMMA, pair, behind)]
      begin = asked.has(name) ? first : choice(first, begin)
      behind = asked.has(name) ? next : choice(next, behind)
    }
    return sequence(literal('{'), begin, literal('}'))
  }

  /** All names there may be, if they are listed. */
  function* namesListed(flats: readonly Flat[]): Sliced<readonly string[] | undefined> {
    const all = flats.flatMap(({ values }) => values ?? [undefined])
    if (all.includes(undefined)) return undefined
    return yield* satisfying(
      all.filter((name) => typeof name === 'string'),
      flats,
    )
  }

  /** A property name other than the `known` ones. */
  function* nameOf(names: readonly Flat[] | undefined, known: readonly string[]): Sliced<Node> {
    const texts: Node[] = []
    for (const flat of names ?? [])
      if (flat.types?.includes('string') ?? true) texts.push(yield* flatOf({ ...flat, types: ['string'] }))
    const any = names === undefined ? TEXT : choiceOf(texts)
    if (known.length === 0) return any
    return joinedOf(any, oneOf(known.map((name) => JSON.stringify(name))), 'minus')
  }

  function numberOf(type: 'integer' | 'number', { limits, multiples }: Flat): Node {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits
    const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined)
    if (bounds.length === 0 && multiples.length === 0) return type === 'number' ? NUMBER : INTEGER
    // So many places behind the point as leave 15 digits in all, which doubles keep apart.
    const whole = Math.max(9, ...bounds.map((bound) => String(Math.trunc(Math.min(Math.abs(bound), 1e15))).length))
    const places = type === 'integer' || multiples.length > 0 ? 0 : Math.max(0, MOST_DIGITS - whole)
    const most = 10 ** MOST_DIGITS - 1
    const low = Math.max(
      -most,
      ...(minimum === undefined ? [] : [scaled(minimum, places).ceil]),
      ...(exclusiveMinimum === undefined ? [] : [scaled(exclusiveMinimum, places).floor + 1]),
    )
    const high = Math.min(
      most,
      ...(maximum === undefined ? [] : [scaled(maximum, places).floor]),
      ...(exclusiveMaximum === undefined ? [] : [scaled(exclusiveMaximum, places).ceil - 1]),
    )
    if (multiples.length === 0) return numerals(low, high, places)
    const multiple = multiples.reduce(leastMultiple)
    const [first, last] = [Math.ceil(low / multiple), Math.floor(high / multiple)]
    if (last - first < MOST_LISTED)
      return oneOf(Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => String((first + i) * multiple)))
    if (multiple > MOST_LISTED)
      throw refuse(
        `asks for one of ${last - first + 1} multiples. Set bounds between which there are at most ${MOST_LISTED}, or a multipleOf of at most that`,
        { multipleOf: multiple },
      )
    return joinedOf(numerals(low, high, 0), divisibleBy(multiple), 'both')
  }

  const root = nodeOf(schema)
  for (const [schema, rule] of rules) {
    const nodes: Node[] = []
    for (const flat of yield* read(schema)) nodes.push(yield* flatOf(flat))
    rule.body = choiceOf(nodes)
    if (meter.spend(10)) yield meter.rest()
  }
  for (const { rule, of } of joins) rule.body = yield* combine(...of, meter)
  return root
}

/** What patterns and formats ask of a text. */
function* textsOf({ patterns, formats }: Flat, write: WriteCharacters, meter: Meter): Sliced<readonly Node[]> {
  const known = formats.flatMap((format) => {
    const pattern = FORMATS.get(format)
    if (pattern === undefined && patterns.length === 0)
      throw refuse(
        `names a format that is not known. Say what it is like by a pattern beside it; known are ${[...FORMATS.keys()].join(', ')}`,
        { format },
      )
    return pattern ?? []
  })
  const nodes = known.map((format) => parseRegex(format, { write }))
  for (const pattern of patterns) nodes.push(yield* search(pattern, write, meter))
  return nodes
}

/** A pattern as schemas mean it: with the flag u, or without it if it is sound that way alone. */
function* search(pattern: string, write: WriteCharacters, meter: Meter): Sliced<Node> {
  try {
    return yield* readRegex(pattern, meter, { isSearch: true, write })
  } catch (error) {
    try {
      return yield* readRegex(pattern, meter, { isSearch: true, write, flags: '' })
    } catch {
      throw error
    }
  }
}

/** A schema with keywords for strings means a string. */
function spokenOf({
  patterns,
  formats,
  limits,
  properties,
  required,
  additional,
  names,
  multiples,
  prefix,
  items,
}: Flat): readonly Type[] {
  const types = new Set<Type>(Object.keys(limits).map((name) => LIMITS[name as keyof typeof LIMITS]))
  if (patterns.length + formats.length > 0) types.add('string')
  if (multiples.length > 0) types.add('number')
  if (properties.size + required.length > 0 || (additional ?? names) !== undefined) types.add('object')
  if (prefix.length > 0 || items !== undefined) types.add('array')
  return types.size > 0 ? [...types] : TYPES
}
