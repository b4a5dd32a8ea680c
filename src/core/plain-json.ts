/** @file JSON that others hand over as objects: written out, or refused before it can do harm. */

import { RwkvError } from './errors.ts'
import { show } from './show.ts'

const MOST_DEPTH = 1000
const MOST_VALUES = 200_000

/**
 * `value` as JSON, what is `undefined` left out.
 * @param name what it is called in messages
 * @throws RwkvError `option/invalid` if it is no JSON, lies deeper in itself than 1,000 levels, which circles do, or has
 * more than 200,000 values
 */
export function writePlainJson(name: string, value: unknown): string {
  const refuse = (why: string) =>
    new RwkvError('option/invalid', `${name} ${why}: ${show(value)}. Expected plain JSON.`)
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  let count = 0
  try {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      if (typeof one.value === 'object' && one.value !== null) {
        if (one.depth > MOST_DEPTH) throw refuse(`goes on within itself for more than ${MOST_DEPTH} levels`)
        const inner = Object.values(one.value)
        count += inner.length
        if (count > MOST_VALUES) throw refuse(`has more than ${MOST_VALUES} values`)
        for (const value of inner) waiting.push({ value, depth: one.depth + 1 })
      } else if (!/string|number|boolean|undefined|object/.test(typeof one.value))
        throw refuse(`holds ${show(one.value)}`)
    }
    return JSON.stringify(value)
  } catch (error) {
    throw error instanceof RwkvError
      ? error
      : refuse(`cannot be read (${error instanceof Error ? error.message : '?'})`)
  }
}
