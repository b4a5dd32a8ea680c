/** @file Whether a value, such as one of an `enum` or a name of a property, is what a schema describes. */

import type { Meter, Sliced } from '../core/slices.ts'
import { type Automaton, createAutomaton } from './automaton.ts'
import type { Flat, Schema } from './json-schema.ts'
import { isOfType, TYPES } from './json-schema.ts'
import { measure } from './measure.ts'
import type { Node } from './node.ts'

/** Judges values. */
export interface Judge {
  /** True if `value` is what one of these alternatives asks. */
  satisfies(value: unknown, flats: readonly Flat[]): Sliced<boolean>
}

/** A judge of values by schemas that `read` reads; `textsOf` gives what patterns and formats ask of a text as it is. */
export function createJudge(
  read: (schema: Schema) => Sliced<readonly Flat[]>,
  textsOf: (flat: Flat) => Sliced<readonly Node[]>,
  meter: Meter,
): Judge {
  const automata = new Map<Flat, readonly Automaton[]>()
  const listed = new Map<Flat, ReadonlySet<string>>()
  const encoder = new TextEncoder()

  function* isText(text: string, flat: Flat): Sliced<boolean> {
    const { minLength, maxLength = Infinity } = flat.limits
    if (minLength !== undefined || maxLength < Infinity) {
      const length = Array.from(text).length
      if (length < (minLength ?? 0) || length > maxLength) return false
    }
    if (flat.patterns.length + flat.formats.length === 0) return true
    const all = automata.get(flat) ?? (yield* automataOf(flat))
    automata.set(flat, all)
    for (const automaton of all) {
      const before = automaton.steps
      const state = encoder.encode(text).reduce((state, byte) => automaton.step(state, byte), automaton.start)
      if (meter.spend(1 + (text.length >> 3) + automaton.steps - before)) yield meter.rest()
      if (!automaton.accepts(state)) return false
    }
    return true
  }

  function* automataOf(flat: Flat): Sliced<readonly Automaton[]> {
    const all: Automaton[] = []
    for (const node of yield* textsOf(flat)) all.push(createAutomaton(node, yield* measure(node, () => true, meter)))
    return all
  }

  function isListed(value: unknown, flat: Flat, values: readonly unknown[]): boolean {
    const texts = listed.get(flat) ?? new Set(values.map((one) => JSON.stringify(one)))
    listed.set(flat, texts)
    return texts.has(JSON.stringify(value))
  }

  function* satisfies(value: unknown, flats: readonly Flat[]): Sliced<boolean> {
    for (const flat of flats) if (yield* fits(value, flat)) return true
    return false
  }
  function* fitsAll(value: unknown, schema: Schema | undefined): Sliced<boolean> {
    return schema === undefined || (yield* satisfies(value, yield* read(schema)))
  }

  function* fits(value: unknown, flat: Flat): Sliced<boolean> {
    if (meter.spend(1)) yield meter.rest()
    const { types = TYPES, values } = flat
    if (!types.some((type) => isOfType(type, value))) return false
    if (values && !isListed(value, flat, values)) return false
    if (typeof value === 'string') return yield* isText(value, flat)
    if (typeof value === 'number') return isNumber(value, flat)
    if (Array.isArray(value)) {
      const { prefix, items, limits } = flat
      const { minItems = 0, maxItems = Infinity } = limits
      if (value.length < minItems || value.length > maxItems) return false
      for (const [place, one] of value.entries()) if (!(yield* fitsAll(one, prefix[place] ?? items))) return false
      return true
    }
    if (typeof value !== 'object' || value === null) return true
    const { properties, required, additional, names } = flat
    if (!required.every((name) => Object.hasOwn(value, name))) return false
    for (const [name, one] of Object.entries(value))
      if (!(yield* fitsAll(name, names)) || !(yield* fitsAll(one, properties.get(name) ?? additional))) return false
    return true
  }
  return { satisfies }
}

function isNumber(value: number, { limits, multiples }: Flat): boolean {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = limits
  if (value < minimum || value > maximum || value <= exclusiveMinimum || value >= exclusiveMaximum) return false
  return multiples.every((one) => value % one === 0)
}
