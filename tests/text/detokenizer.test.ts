import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDetokenizer, decode } from '../../src/text/detokenizer.ts'
import type { Tokenizer } from '../../src/text/tokenizer.ts'

/** Tokens are the given pieces, in order. */
const tokensOf = (pieces: readonly Uint8Array[]): Tokenizer => ({
  size: pieces.length,
  encode: () => [],
  bytesOf: (id) => pieces[id] ?? new Uint8Array(0),
  spellingOf: () => undefined,
  has: (id) => id < pieces.length,
})

/** What each token brings, and what the end brings. */
function stream(pieces: readonly Uint8Array[]): { shown: string[]; rest: string } {
  const detokenizer = createDetokenizer(tokensOf(pieces))
  const shown = pieces.map((_, id) => {
    const seenBefore = detokenizer.peek(id)
    const text = detokenizer.push(id)
    expect(seenBefore).toBe(text)
    return text
  })
  return { shown, rest: detokenizer.flush() }
}

/** `bytes` cut before each index whose bit is set in `cuts`. */
function cutAt(bytes: Uint8Array, isCut: (index: number) => boolean): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (let at = 1; at <= bytes.length; at++) {
    if (at < bytes.length && !isCut(at)) continue
    pieces.push(bytes.subarray(from, at))
    from = at
  }
  return pieces
}

const cuts = fc.infiniteStream(fc.boolean())

describe('createDetokenizer', () => {
  test('each of the 512 splits of a 10-byte text decodes the same, and no half character appears', () => {
    const text = 'aé€😀'
    const bytes = new TextEncoder().encode(text)
    const wrong: number[] = []
    for (let bits = 0; bits < 512; bits++) {
      const { shown, rest } = stream(cutAt(bytes, (at) => ((bits >> (at - 1)) & 1) === 1))
      const isWhole = shown.every((piece) => !/[\ufffd\p{Surrogate}]/u.test(piece))
      if (shown.join('') !== text || rest !== '' || !isWhole) wrong.push(bits)
    }
    expect(wrong).toEqual([])
  })

  test('a character is shown with the token that completes it', () => {
    const pieces = [[0x61, 0xf0], [0x9f, 0x98], [0x80, 0x62], [0xe2], [0x82]].map((bytes) => Uint8Array.from(bytes))
    expect(stream(pieces)).toEqual({ shown: ['a', '', '😀b', '', ''], rest: '\ufffd' })
  })

  test('however any bytes are split, they decode as node decodes them in one piece', () => {
    const leads = fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff, 0xa0, 0x90)
    const anyBytes = fc.array(fc.oneof(fc.nat(255), leads), { maxLength: 12 }).map((all) => Uint8Array.from(all))
    const law = fc.property(anyBytes, cuts, (bytes, isCut) => {
      const { shown, rest } = stream(cutAt(bytes, () => isCut.next().value))
      expect(shown.join('') + rest).toBe(Buffer.from(bytes).toString('utf8'))
    })
    fc.assert(law, { numRuns: 2000 })
  })

  test('it is in the middle of a character exactly where the bytes so far are no whole text', () => {
    const law = fc.property(fc.string({ unit: 'binary' }), cuts, (text, isCut) => {
      const pieces = cutAt(new TextEncoder().encode(text), () => isCut.next().value)
      const detokenizer = createDetokenizer(tokensOf(pieces))
      let sofar = Buffer.alloc(0)
      pieces.forEach((piece, id) => {
        detokenizer.push(id)
        sofar = Buffer.concat([sofar, piece])
        expect(detokenizer.midCharacter).toBe(!Buffer.from(sofar.toString('utf8')).equals(sofar))
      })
      detokenizer.flush()
      expect(detokenizer.midCharacter).toBe(false)
    })
    fc.assert(law)
  })

  test('a byte order mark is text, and ids without text bring nothing', () => {
    const bytes = new TextEncoder().encode('\ufeffa\ufeff')
    expect(stream([bytes, new Uint8Array(0)])).toEqual({ shown: ['\ufeffa\ufeff', ''], rest: '' })
  })
})

describe('decode', () => {
  const tokenizer = tokensOf([new TextEncoder().encode('ab'), Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac)])

  test('joins the bytes before it reads characters', () => {
    expect(decode(tokenizer, [0, 1, 2, 0])).toBe('ab€ab')
    expect(decode(tokenizer, [1, 0])).toBe('\ufffdab')
    expect(decode(tokenizer, [])).toBe('')
    expect(decode(tokenizer, [7])).toBe('') // an id of the head that stands for no text
  })

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is no id', (id) => {
    expect(() => decode(tokenizer, [0, id])).toThrow(
      expect.objectContaining({ code: 'text/unknown-id', message: expect.stringContaining(`${id} `) }),
    )
  })
})
