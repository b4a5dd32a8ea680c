/**
 * @file What callers give, judged before anything is done with it: values by their kind, objects by a table of kinds.
 * Whatever is wrong is refused as `option/invalid`, by its name.
 */

import { RwkvError } from './errors.ts'
import { show } from './show.ts'

/** What a value may be. */
export interface Kind {
  /** For messages: `expected …`. */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

/** A kind for each member of an object. */
export type Table<T extends object = object> = { readonly [Name in keyof Required<T>]: Kind }

/** A kind of one's own. */
export const kind = (expected: string, accepts: Kind['accepts']): Kind => ({ expected, accepts })

/** True for an object of members, of whatever realm: no list, map or the like. */
export const isObject = (value: unknown): value is object => Object.prototype.toString.call(value) === '[object Object]'

/** Range ends included. */
export const number = (least: number, most: number): Kind =>
  kind(`a number from ${least} to ${most}`, (value) => typeof value === 'number' && value >= least && value <= most)

/** Without `most`: as large as one likes. */
export const whole = (least: number, most?: number): Kind =>
  kind(
    `a whole number ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= (most ?? Infinity),
  )

export const anything = kind('anything', () => true)
export const flag = kind('true or false', (value) => typeof value === 'boolean')
export const string = kind('a text', (value) => typeof value === 'string')
export const address = kind(
  'a text or a URL',
  (value) => typeof value === 'string' || Object.prototype.toString.call(value) === '[object URL]',
)
export const text = kind('a text that is not empty', (value) => typeof value === 'string' && value !== '')
export const object = kind('an object', isObject)
export const callback = kind('a function', (value) => typeof value === 'function')

const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get

/** Of this or another realm: asked whether it is aborted, anything else throws. */
export const signal = kind('an AbortSignal', (value) => typeof isAborted?.call(value) === 'boolean')

export const oneOf = (...values: readonly string[]): Kind =>
  kind(values.map((value) => `'${value}'`).join(' or '), (value) => values.includes(value as string))

export const list = (one: Kind, least = 0): Kind =>
  kind(
    `a list of ${least > 0 ? `at least ${least}` : 'any number'} of: ${one.expected}`,
    (value) => Array.isArray(value) && value.length >= least && value.every(one.accepts),
  )

export const either = (...kinds: readonly Kind[]): Kind =>
  kind(kinds.map(({ expected }) => expected).join(', or '), (value) => kinds.some(({ accepts }) => accepts(value)))

/** An object that has what `table` names, the `optional` perhaps, and nothing else. */
export const shape = <T extends object>(table: Table<T>, ...optional: readonly (keyof T)[]): Kind =>
  kind(
    `{ ${Object.entries<Kind>(table)
      .map(([name, { expected }]) => `${name}: ${expected}`)
      .join(', ')} }`,
    (value) => {
      if (!isObject(value) || Object.keys(value).some((name) => !Object.hasOwn(table, name))) return false
      return Object.entries<Kind>(table).every(([name, { accepts }]) => {
        const member = value[name as keyof typeof value] as unknown
        return member === undefined ? optional.includes(name as keyof T) : accepts(member)
      })
    },
  )

/** Whether `value` is of the kind; what throws when it is looked at is not. */
export function fits({ accepts }: Kind, value: unknown): boolean {
  try {
    return accepts(value)
  } catch {
    return false
  }
}

/** The error for a value that is not what it should be. */
export function refusal(name: string, value: unknown, { expected }: Pick<Kind, 'expected'>): RwkvError {
  return new RwkvError('option/invalid', `${name} is ${show(value)}; expected ${expected}.`)
}

/**
 * A copy of `options`, each read once; what is undefined is left out.
 * @param what whose options these are, for messages
 * @throws RwkvError `option/invalid` for what is no object, an unknown name, a wrong value, or one that cannot be read
 */
export function checkOptions<T extends object>(what: string, table: Table<T>, options: unknown = {}): T {
  if (!isObject(options)) throw refusal(`What is given as ${what} options`, options, object)
  const checked: Record<string, unknown> = {}
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name))
      throw new RwkvError(
        'option/invalid',
        `There is no ${what} option ${name}. Expected ${Object.keys(table).join(', ') || 'none'}.`,
      )
    const value = read(options, name)
    if (value === undefined) continue
    const expected = table[name as keyof T]
    if (!fits(expected, value)) throw refusal(name, value, expected)
    checked[name] = value
  }
  return checked as T
}

function read(options: object, name: string): unknown {
  try {
    return options[name as keyof typeof options]
  } catch (cause) {
    throw new RwkvError(
      'option/invalid',
      `${name} cannot be read: ${cause instanceof Error ? cause.message : show(cause)}. Give a plain value.`,
      { cause },
    )
  }
}
