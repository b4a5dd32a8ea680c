import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRwkvError, RwkvError } from '../../src/core/errors.ts'
import { isJsonObject, parseStrictJson, type StrictJson } from '../../src/file/strict-json.ts'

const parse = (text: string) =>
  parseStrictJson(text, { maxDepth: 20, fail: (code, found) => new RwkvError(code, found) })

/** As `JSON.parse` would give it. */
function plain(value: StrictJson): unknown {
  if (isJsonObject(value)) return Object.fromEntries(Array.from(value, ([key, item]) => [key, plain(item)]))
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'object' && value !== null && 'literal' in value ? Number(value.literal) : value
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('any JSON is read as JSON.parse reads it', () => {
  const law = fc.property(fc.json({ maxDepth: 5 }), (text) => {
    const { value, end } = parse(text)
    expect(end).toBe(text.length)
    expect(JSON.stringify(plain(value))).toBe(JSON.stringify(JSON.parse(text)))
  })
  fc.assert(law, { numRuns: 1000 })
})

test('any text is refused exactly when JSON.parse refuses it, but for equal keys', () => {
  const character = fc.constantFrom(...'{}[]",:0123.-+eE tfnrualsu\\"')
  let accepted = 0
  const law = fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
    let isAccepted: boolean
    try {
      isAccepted = text.slice(parse(text).end).trim() === ''
    } catch (error) {
      if (isRwkvError(error, 'file/duplicate-name')) return
      isAccepted = false
    }
    if (isAccepted) accepted++
    expect(isAccepted).toBe(isJson(text))
  })
  fc.assert(law, { numRuns: 20_000 })
  expect(accepted).toBeGreaterThan(100)
})

test('numbers are plain integers up to 2^53 - 1, or kept as written', () => {
  const literals = ['-1', '-0', '0.5', '2.0', '1e3', '9007199254740992', '9007199254740993', '1'.repeat(400)]
  for (const literal of literals) expect(parse(literal).value).toEqual({ literal })
  for (const value of [0, 7, 9007199254740991]) expect(parse(String(value)).value).toBe(value)
})
