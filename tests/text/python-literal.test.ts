import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePythonLiteral } from '../../src/text/python-literal.ts'

const hexOf = (literal: string) => Buffer.from(parsePythonLiteral(literal)).toString('hex')
const digits = (code: number, length: number) => code.toString(16).padStart(length, '0')

describe('parsePythonLiteral', () => {
  // Written by Python's repr(), the bytes by its encode().
  test.each([
    [`"a'b"`, '612762'],
    [`'a"b'`, '612262'],
    [String.raw`'a\'b"'`, '61276222'],
    [String.raw`'\n\t\r\\\x00\x7f'`, '0a090d5c007f'],
    ["'é€'", 'c3a9e282ac'],
    [String.raw`'\u200b\u2028\U000e0001😀'`, 'e2808be280a8f3a08081f09f9880'],
    [String.raw`b'\xe2\x80'`, 'e280'],
    [`b"'"`, '27'],
    [String.raw`b'\\\n"\x00'`, '5c0a2200'],
    [String.raw`'\xe9'`, 'c3a9'],
    [String.raw`b'\xe9'`, 'e9'],
    ["''", ''],
    ["b''", ''],
  ])('%s is %s', (literal, bytes) => {
    expect(hexOf(literal)).toBe(bytes)
  })

  test('however the characters of a str are written, its bytes are their UTF-8', () => {
    const written = fc
      .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.nat(3))
      .map(([text, way]) => {
        const code = text.codePointAt(0) ?? 0
        if (way === 1 && code <= 0xff) return { text, as: `\\x${digits(code, 2)}` }
        if (way <= 2 && code <= 0xffff) return { text, as: `\\u${digits(code, 4).toUpperCase()}` }
        if (way === 3 && !"'\\".includes(text)) return { text, as: text }
        return { text, as: `\\U${digits(code, 8)}` }
      })
    const law = fc.property(fc.array(written), (characters) => {
      const text = characters.map((character) => character.text).join('')
      const literal = `'${characters.map(({ as }) => as).join('')}'`
      expect(hexOf(literal)).toBe(Buffer.from(text, 'utf8').toString('hex'))
    })
    fc.assert(law, { numRuns: 1000 })
  })

  test('any bytes written as \\x escapes are those bytes', () => {
    const law = fc.property(fc.uint8Array(), (bytes) => {
      const escapes = Array.from(bytes, (byte) => `\\x${digits(byte, 2)}`).join('')
      expect(hexOf(`b"${escapes}"`)).toBe(Buffer.from(bytes).toString('hex'))
    })
    fc.assert(law)
  })

  test.each([
    ['', 'no quoted literal'],
    ['a', 'no quoted literal'],
    ["'", 'no quoted literal'],
    ["b'", 'no quoted literal'],
    ["'a", 'no quoted literal'],
    ['\'a"', 'no quoted literal'],
    ["u'a'", 'no quoted literal'],
    [" 'a'", 'no quoted literal'],
    ["'a'b'", 'a quote in the middle'],
    [String.raw`'a\'`, 'escape'],
    [String.raw`'\q'`, String.raw`the unknown escape \q`],
    [String.raw`'\N{BULLET}'`, String.raw`the unknown escape \N`],
    [String.raw`b'\u0041'`, String.raw`the unknown escape \u`],
    [String.raw`'\x4'`, String.raw`the incomplete escape \x4`],
    [String.raw`'\x4g'`, String.raw`the incomplete escape \x4g`],
    [String.raw`'\u+041'`, String.raw`the incomplete escape \u+041`],
    [String.raw`'\U0001F60'`, 'the incomplete escape'],
    [String.raw`'\ud83d\ude00'`, 'no character'],
    [String.raw`'\U00110000'`, 'no character'],
    ["b'é'", 'a character beyond ASCII'],
    ["b'€'", 'a character beyond ASCII'],
  ])('%s is refused: %s', (literal, found) => {
    expect(() => parsePythonLiteral(literal)).toThrow(found)
  })
})
