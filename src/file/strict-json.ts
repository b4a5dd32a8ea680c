/**
 * @file A strict JSON reader for the headers of model files. `JSON.parse` keeps the last of two equal keys, takes
 * `__proto__` for an ordinary property, rounds integers and recurses as deep as it is told; a header that uses any of
 * this is a trick. Here objects are Maps, equal keys are refused however they are escaped, and depth is limited.
 */

import type { ErrorCode, RwkvError } from '../core/errors.ts'

/** A number that is not a plain integer from 0 to 2^53 - 1, as written: negative, fraction, exponent, too large. */
export interface OddNumber {
  readonly literal: string
}

/** A parsed value; a `number` is a plain integer from 0 to 2^53 - 1. */
export type StrictJson = null | boolean | string | number | OddNumber | readonly StrictJson[] | StrictJsonObject

/** An object; its keys are in the order of the text. */
export type StrictJsonObject = ReadonlyMap<string, StrictJson>

/** The words of a parse, for its errors. */
export interface StrictJsonOptions {
  /** How deep arrays and objects may nest. */
  readonly maxDepth: number
  /** Makes the error: what was found, after which the caller says whose text it was and what to do. */
  readonly fail: (code: ErrorCode, found: string) => RwkvError
}

/** True for an object. */
export function isJsonObject(value: StrictJson | undefined): value is StrictJsonObject {
  return value instanceof Map
}

/**
 * Parse one JSON value from the start of `text`; `end` is where it ended, what follows is the caller's to judge.
 * Linear in the length of the text.
 * @throws RwkvError by `fail`: `file/header-json`, `file/header-depth`, `file/duplicate-name`.
 */
export function parseStrictJson(
  text: string,
  { maxDepth, fail }: StrictJsonOptions,
): { value: StrictJson; end: number } {
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
  let at = 0

  const unexpected = (wanted: string): RwkvError => {
    const found = at < text.length ? JSON.stringify(text[at]) : 'the end'
    return fail('file/header-json', `at character ${at} stands ${found} where ${wanted} should be`)
  }

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      at++
    }
  }

  const take = (character: string): boolean => {
    skipSpace()
    if (text[at] !== character) return false
    at++
    return true
  }

  const parseString = (): string => {
    skipSpace()
    if (text[at] !== '"') throw unexpected('a string')
    const start = at++
    let escaped = false
    for (; ; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x22) break
      if (code === 0x5c) {
        escaped = true
        at++ // whatever is escaped, it does not end the string; JSON.parse checks it
      } else if (!(code >= 0x20)) {
        throw unexpected('a character of a string or its closing quote') // a control character, or NaN at the end
      }
    }
    at++
    if (!escaped) return text.slice(start + 1, at - 1)
    try {
      return JSON.parse(text.slice(start, at)) as string
    } catch {
      throw fail('file/header-json', `at character ${start} stands a string with an escape that JSON does not know`)
    }
  }

  const parseNumber = (): number | OddNumber => {
    // Most numbers are short runs of digits; they are read without a string or a match being made.
    let value = 0
    let end = at
    for (; isDigit(text.charCodeAt(end)); end++) value = value * 10 + text.charCodeAt(end) - 0x30
    const isPlain =
      end > at && end - at < 16 && !(text[at] === '0' && end - at > 1) && !'.eE'.includes(text[end] ?? ' ')
    if (isPlain) {
      at = end
      return value
    }
    number.lastIndex = at
    const literal = number.exec(text)?.[0]
    if (literal === undefined) throw unexpected('a value')
    at += literal.length
    return /^\d+$/.test(literal) && Number.isSafeInteger(Number(literal)) ? Number(literal) : { literal }
  }

  const parseObject = (depth: number): StrictJsonObject => {
    const object = new Map<string, StrictJson>()
    if (take('}')) return object
    do {
      const key = parseString()
      if (object.has(key)) throw fail('file/duplicate-name', `${quote(key)} stands twice`)
      if (!take(':')) throw unexpected('":"')
      object.set(key, parseValue(depth))
    } while (take(','))
    if (!take('}')) throw unexpected('"," or "}"')
    return object
  }

  const parseArray = (depth: number): readonly StrictJson[] => {
    const array: StrictJson[] = []
    if (take(']')) return array
    do array.push(parseValue(depth))
    while (take(','))
    if (!take(']')) throw unexpected('"," or "]"')
    return array
  }

  const parseValue = (depth: number): StrictJson => {
    skipSpace()
    const character = text[at]
    if (character === '"') return parseString()
    if (character === '{' || character === '[') {
      if (depth === maxDepth) throw fail('file/header-depth', `it nests deeper than ${maxDepth} levels`)
      at++
      return character === '{' ? parseObject(depth + 1) : parseArray(depth + 1)
    }
    const word = WORDS.get(character ?? '')
    if (!word) return parseNumber()
    if (!text.startsWith(String(word.value), at)) throw unexpected('a value')
    at += String(word.value).length
    return word.value
  }

  const value = parseValue(0)
  return { value, end: at }
}

const WORDS: ReadonlyMap<string, { readonly value: true | false | null }> = new Map([
  ['t', { value: true }],
  ['f', { value: false }],
  ['n', { value: null }],
])

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** A value for a message: as JSON, cut to a readable length. */
export function quote(value: StrictJson | undefined): string {
  if (value === undefined) return 'nothing'
  if (isJsonObject(value)) return 'an object'
  if (typeof value === 'object' && value !== null && 'literal' in value) return value.literal.slice(0, 40)
  if (Array.isArray(value)) {
    if (value.length > 8 || value.some(Array.isArray)) return `a list of ${value.length}`
    return `[${value.map(quote).join(', ')}]`
  }
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…"` : text
}
