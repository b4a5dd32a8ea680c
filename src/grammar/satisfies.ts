/** @file Whether a value, such as one of an `enum` or a name of a property, is what a schema describes. */

import { finish, type Meter } from '../core/slices.ts'
import { type Automaton, createAutomaton } from './automaton.ts'
import type { Flat, Schema } from './json-schema.ts'
import { isOfType, TYPES } from './json-schema.ts'
import { measure } from './measure.ts'
import type { Node } from './node.ts'

/** Judges values. */
export interface Judge {
  /** True if `value` is what one of these alternatives asks. */
  satisfies(value: unknown, flats: readonly Flat[]): boolean
}

/** A judge of values by schemas that `read` reads; `textsOf` gives what patterns and formats ask of a text as it is. */
export function createJudge(
  read: (schema: Schema) => readonly Flat[],
  textsOf: (flat: Flat) => readonly Node[],
  meter: Meter,
): Judge {
  const automata = new Map<Flat, readonly Automaton[]>()
  const listed = new Map<Flat, ReadonlySet<string>>()
  const encoder = new TextEncoder()

  function isText(text: string, flat: Flat): boolean {
    const { minLength, maxLength = Infinity } = flat.limits
    if (minLength !== undefined || maxLength < Infinity) {
      const length = Array.from(text).length
      if (length < (minLength ?? 0) || length > maxLength) return false
    }
    if (flat.patterns.length + flat.formats.length === 0) return true
    const all =
      automata.get(flat) ?? textsOf(flat).map((node) => createAutomaton(node, finish(measure(node, () => true, meter))))
    automata.set(flat, all)
    return all.every((automaton) => {
      const before = automaton.steps
      const state = encoder.encode(text).reduce((state, byte) => automaton.step(state, byte), automaton.start)
      meter.spend(1 + (text.length >> 3) + automaton.steps - before)
      return automaton.accepts(state)
    })
  }

  function isListed(value: unknown, flat: Flat, values: readonly unknown[]): boolean {
    const texts = listed.get(flat) ?? new Set(values.map((one) => JSON.stringify(one)))
    listed.set(flat, texts)
    return texts.has(JSON.stringify(value))
  }

  const satisfies = (value: unknown, flats: readonly Flat[]): boolean => flats.some((flat) => fits(value, flat))
  const fitsAll = (value: unknown, schema: Schema | undefined) => schema === undefined || satisfies(value, read(schema))

  function fits(value: unknown, flat: Flat): boolean {
    meter.spend(1)
    const { types = TYPES, values } = flat
    if (!types.some((type) => isOfType(type, value))) return false
    if (values && !isListed(value, flat, values)) return false
    if (typeof value === 'string') return isText(value, flat)
    if (typeof value === 'number') return isNumber(value, flat)
    if (Array.isArray(value)) {
      const { prefix, items, limits } = flat
      const { minItems = 0, maxItems = Infinity } = limits
      if (value.length < minItems || value.length > maxItems) return false
      return value.every((one: unknown, place) => fitsAll(one, prefix[place] ?? items))
    }
    if (typeof value !== 'object' || value === null) return true
    const { properties, required, additional, names } = flat
    if (!required.every((name) => Object.hasOwn(value, name))) return false
    return Object.entries(value).every(
      ([name, one]) => fitsAll(name, names) && fitsAll(one, properties.get(name) ?? additional),
    )
  }
  return { satisfies }
}

function isNumber(value: number, { limits, multiples }: Flat): boolean {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = limits
  if (value < minimum || value > maximum || value <= exclusiveMinimum || value >= exclusiveMaximum) return false
  return multiples.every((one) => value % one === 0)
}
