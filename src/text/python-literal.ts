/** @file Python's str and bytes literals, as the World vocabulary writes its tokens. */

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['t', 0x09],
  ['r', 0x0d],
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
])

const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

const PLAIN = /^[ !#-&(-[\]-~]*$/ // ASCII without quotes and escapes, as most are: several times faster by itself

/**
 * The bytes of a literal such as `'a\n'` (a str: its UTF-8) or `b'\xe2\x80'`.
 * @throws Error with what was found, in a few words, for anything else.
 */
export function parsePythonLiteral(literal: string): Uint8Array<ArrayBuffer> {
  const isBytes = literal.startsWith('b')
  const quote = literal[isBytes ? 1 : 0] ?? ''
  const body = literal.slice(isBytes ? 2 : 1, -1)
  if (!(quote === "'" || quote === '"') || literal.length < (isBytes ? 3 : 2) || !literal.endsWith(quote)) {
    throw new Error('no quoted literal')
  }
  if (PLAIN.test(body)) {
    const bytes = new Uint8Array(body.length)
    for (let i = 0; i < body.length; i++) bytes[i] = body.charCodeAt(i)
    return bytes
  }

  const codes: number[] = [] // bytes, or code points of a str
  for (let at = 0; at < body.length; ) {
    const code = body.codePointAt(at) as number
    at += code > 0xffff ? 2 : 1
    if (String.fromCodePoint(code) === quote) throw new Error('a quote in the middle of the literal')
    if (isBytes && code > 0x7f) throw new Error('a character beyond ASCII, which bytes write as \\xNN')
    if (code !== 0x5c) {
      codes.push(code)
      continue
    }
    const kind = body[at] ?? ''
    at += 1
    const simple = SIMPLE.get(kind)
    const digits = isBytes && kind !== 'x' ? undefined : HEX_DIGITS.get(kind)
    if (simple !== undefined) codes.push(simple)
    else if (digits === undefined) throw new Error(`the unknown escape \\${kind}`)
    else {
      const hex = body.slice(at, at + digits)
      at += digits
      if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex)) throw new Error(`the incomplete escape \\${kind}${hex}`)
      codes.push(Number.parseInt(hex, 16))
    }
  }

  if (isBytes) return Uint8Array.from(codes)
  if (codes.some((code) => code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
    throw new Error('a code point that is no character')
  return new TextEncoder().encode(codes.map((code) => String.fromCodePoint(code)).join(''))
}
