/**
 * @file JSON that keeps to a schema, as rules. Written in one way: properties in the schema's order, at most one space
 * behind each colon and comma and no other white space, characters of texts as `JSON.stringify` writes them, numbers of at
 * most 15 digits before the point. What a schema leaves open is read narrowly: a list of properties is all of them unless
 * `additionalProperties` says more.
 */

import { RwkvError } from '../core/errors.ts'
import { combine } from './automaton.ts'
import { ANY, writeInString } from './characters.ts'
import { createSchemaReader, type Flat, LIMITS, type Schema, TYPES, type Type } from './json-schema.ts'
import { choice, createRule, EMPTY, literal, NOTHING, type Node, oneOf, type Rule, repeat, sequence } from './node.ts'
import { MOST_DIGITS, numerals, scaled } from './numbers.ts'
import { parseRegex } from './regex.ts'
import { FORMATS } from './text-formats.ts'

const MOST_RULES = 10_000

const NUMBER = parseRegex('-?(?:0|[1-9]\\d{0,14})(?:\\.\\d{1,17})?(?:[eE][+-]?\\d{1,2})?')
const SPACE = repeat(literal(' '), 0, 1)
const [COMMA, COLON] = [sequence(literal(','), SPACE), sequence(literal(':'), SPACE)]
const QUOTE = literal('"')
const CHARACTER = writeInString(ANY)
const TEXT = sequence(QUOTE, repeat(CHARACTER, 0), QUOTE)
/** A schema that says nothing. */
const ANYTHING: Schema = {}

/**
 * The values that `schema` describes.
 * @throws RwkvError `option/invalid` naming what cannot be kept to
 */
export function writeJson(schema: Schema): Node {
  const { read, follow } = createSchemaReader(schema)
  const rules = new Map<Schema, Rule>()

  function nodeOf(given: Schema): Node {
    const schema = follow(given === true ? ANYTHING : given)
    if (schema === false) return NOTHING
    const known = rules.get(schema)
    if (known) return known
    if (rules.size >= MOST_RULES)
      throw new RwkvError('option/invalid', 'The schema does not come to an end: its allOf go on within each other.')
    const rule = createRule(JSON.stringify(schema).slice(0, 80))
    rules.set(schema, rule)
    rule.body = choice(...read(schema).map(flatOf))
    return rule
  }

  function flatOf(flat: Flat): Node {
    const { values, types = values ? TYPES : spokenOf(flat) } = flat
    if (!values) return choice(...types.map((type) => typed(type, flat)))
    const fitting = values.filter((value) => types.some((type) => isOf(type, value)))
    const listed = oneOf(fitting.map((value) => JSON.stringify(value)))
    const { types: _types, values: _values, ...more } = flat
    const isAsked = Object.values(more).some((part) => (part instanceof Map ? part.size : Object.keys(part).length) > 0)
    return isAsked || flat.additional === false || flat.items === false ? combine(listed, flatOf(more)) : listed
  }

  function typed(type: Type, flat: Flat): Node {
    if (type === 'null') return literal('null')
    if (type === 'boolean') return oneOf(['true', 'false'])
    if (type === 'string') return textOf(flat)
    if (type === 'array') return arrayOf(flat)
    return type === 'object' ? objectOf(flat) : numberOf(type, flat)
  }

  function textOf({ patterns, formats, limits: { minLength = 0, maxLength = Infinity } }: Flat): Node {
    const parts = [
      ...patterns.map((pattern) => parseRegex(pattern, { isSearch: true, write: writeInString })),
      ...formats.map((format) => parseRegex(FORMATS.get(format) as string, { write: writeInString })),
    ]
    if (minLength > 0 || maxLength < Infinity)
      parts.push(minLength > maxLength ? NOTHING : repeat(CHARACTER, minLength, maxLength))
    if (parts.length === 0) return TEXT
    return sequence(
      QUOTE,
      parts.reduce((a, b) => combine(a, b)),
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

  function objectOf({ properties, required, additional: said }: Flat): Node {
    const unnamed = required.filter((name) => !properties.has(name))
    const all = [...properties, ...unnamed.map((name) => [name, said ?? true] as const)]
    const additional = said ?? properties.size === 0
    const pairs = all.map(([name, value]) => ({
      isRequired: required.includes(name),
      pair: sequence(literal(JSON.stringify(name)), COLON, nodeOf(value)),
    }))
    // What may follow, from the end: behind another pair, and at the beginning.
    let behind: Node = EMPTY
    let begin: Node = EMPTY
    if (additional !== false) {
      const names = oneOf(all.map(([name]) => JSON.stringify(name)))
      const pair = sequence(all.length > 0 ? combine(TEXT, names, 'minus') : TEXT, COLON, nodeOf(additional))
      behind = repeat(sequence(COMMA, pair), 0)
      begin = choice(EMPTY, sequence(pair, behind))
    }
    for (const { pair, isRequired } of pairs.reverse()) {
      const [first, next] = [sequence(pair, behind), sequence(COMMA, pair, behind)]
      begin = isRequired ? first : choice(first, begin)
      behind = isRequired ? next : choice(next, behind)
    }
    return sequence(literal('{'), begin, literal('}'))
  }

  return nodeOf(schema)
}

/** Whoever says what a text must be like means a text. */
function spokenOf({
  patterns,
  formats,
  limits,
  properties,
  required,
  additional,
  prefix,
  items,
}: Flat): readonly Type[] {
  const types = new Set<Type>(Object.keys(limits).map((name) => LIMITS[name as keyof typeof LIMITS]))
  if (patterns.length + formats.length > 0) types.add('string')
  if (properties.size + required.length > 0 || additional !== undefined) types.add('object')
  if (prefix.length > 0 || items !== undefined) types.add('array')
  return types.size > 0 ? [...types] : TYPES
}

function numberOf(type: 'integer' | 'number', { limits }: Flat): Node {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined)
  if (type === 'number' && bounds.length === 0) return NUMBER
  // So many places behind the point as leave 15 digits in all, which doubles keep apart.
  const whole = Math.max(9, ...bounds.map((bound) => String(Math.trunc(Math.min(Math.abs(bound), 1e15))).length))
  const places = type === 'integer' ? 0 : Math.max(0, MOST_DIGITS - whole)
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
  return numerals(low, high, places)
}

function isOf(type: Type, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}
