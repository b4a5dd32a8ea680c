import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from '../../src/text/detokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary, type WorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { vocabularyLines, vocabularyText } from '../tools/vocabulary-text.ts'

const STORYTELLER = new URL('../../demo/public/models/storyteller/vocab.txt', import.meta.url)
const storyteller = parseWorldVocabulary(readFileSync(STORYTELLER, 'utf8'), 'vocab.txt')

/** Greedy longest match as one would explain it: at each place try every token. */
function longestMatches(vocabulary: WorldVocabulary, text: string): number[] {
  const bytes = Buffer.from(text)
  const ids: number[] = []
  for (let at = 0; at < bytes.length; ) {
    let best = 0
    vocabulary.forEach((token, id) => {
      const matches = bytes.subarray(at, at + token.length).equals(token)
      if (matches && token.length > vocabulary[best].length) best = id
    })
    ids.push(best)
    at += vocabulary[best].length
  }
  return ids
}

describe('encode', () => {
  test('greedy is not shortest: at each place the longest token wins, not the best division', () => {
    const vocabulary = parseWorldVocabulary(vocabularyText(['ab', 'abc', 'bcd', 'cdef']), 'test')
    // 257 ab, 258 abc, 259 bcd, 260 cdef; a is 98, d 101, e 102, f 103
    expect(createWorldTokenizer(vocabulary).encode('abcdefab')).toEqual([258, 101, 102, 103, 257])
  })

  test('a longer token that breaks off late falls back to the last one that matched', () => {
    const { encode } = createWorldTokenizer(parseWorldVocabulary(vocabularyText(['aa', 'aaaaa']), 'test'))
    expect(encode('aaaa')).toEqual([257, 257])
    expect(encode('aaaaaaa')).toEqual([258, 257])
    expect(encode('')).toEqual([])
  })

  test('with any vocabulary it equals the brute-force longest match', () => {
    const unit = fc.constantFrom('a', 'b', 'é', '日')
    const token = fc.uint8Array({ min: 97, max: 99, minLength: 2, maxLength: 5 })
    const textToken = fc.string({ unit, minLength: 2, maxLength: 4 }).map((text) => new TextEncoder().encode(text))
    const tokens = fc.uniqueArray(fc.oneof(token, textToken), { maxLength: 12, selector: (bytes) => bytes.join() })
    const law = fc.property(tokens, fc.string({ unit, maxLength: 20 }), (more, text) => {
      const vocabulary = parseWorldVocabulary(vocabularyText(more), 'test')
      expect(createWorldTokenizer(vocabulary).encode(text)).toEqual(longestMatches(vocabulary, text))
    })
    fc.assert(law)
  })

  test('with the real vocabulary it equals the brute-force longest match', () => {
    const { encode } = createWorldTokenizer(storyteller)
    const word = fc.constantFrom(
      'Once',
      ' upon',
      ' a time',
      ' little',
      ' girl',
      '\n\n',
      '."',
      ' the',
      'ing',
      ' ',
      '日',
      '🎈',
    )
    const law = fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const text = words.join('')
      expect(encode(text)).toEqual(longestMatches(storyteller, text))
    })
    fc.assert(law, { numRuns: 50 })
  })
})

describe('the real vocabulary', () => {
  const tokenizer = createWorldTokenizer(storyteller)

  test('it has 4,095 tokens behind the end of text, which stands for none', () => {
    expect(tokenizer.size).toBe(4096)
    expect([tokenizer.has(0), tokenizer.has(1), tokenizer.has(4095), tokenizer.has(4096)]).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect([...tokenizer.bytesOf(0), ...tokenizer.bytesOf(4096)]).toEqual([])
  })

  test('decode(encode(t)) = t for any well-formed text', () => {
    const story = fc.array(fc.constantFrom('Once upon a time', ', ', '"Hello!"', '\n\n', '\r\n', '\ufeff', '\0'))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      story.map((all) => all.join('')),
    )
    const law = fc.property(text, (original) => {
      expect(decode(tokenizer, tokenizer.encode(original))).toBe(original)
    })
    fc.assert(law, { numRuns: 2000 })
  })

  test('each token is one id where its own text is a text', () => {
    const wrong = storyteller.flatMap((bytes, id) => {
      const text = Buffer.from(bytes).toString('utf8')
      const isText = id > 0 && Buffer.from(text).equals(bytes)
      return isText && tokenizer.encode(text).join() !== String(id) ? [id] : []
    })
    expect(wrong).toEqual([])
  })
})

describe('parseWorldVocabulary', () => {
  const lines = vocabularyLines([Buffer.from('ab'), Buffer.from('abc')])
  const parse = (changed: readonly string[]) => parseWorldVocabulary(changed.join('\n'), 'vocab.txt')
  const withLine = (number: number, line: string) => lines.with(number - 1, line)

  test('tokens stand at their ids, whatever the line ends are and whether the last line has one', () => {
    for (const text of [lines.join('\n'), `${lines.join('\n')}\n`, `${lines.join('\r\n')}\r\n`]) {
      const vocabulary = parseWorldVocabulary(text, 'vocab.txt')
      expect(vocabulary).toHaveLength(259)
      expect([0, 1, 98, 258].map((id) => Buffer.from(vocabulary[id]).toString())).toEqual(['', '\0', 'a', 'abc'])
    }
  })

  test('spaces and quotes inside a literal belong to it', () => {
    const vocabulary = parse([...lines, "259 ' a b' 4", '260 "it\'s" 4'])
    expect([259, 260].map((id) => Buffer.from(vocabulary[id]).toString())).toEqual([' a b', "it's"])
  })

  test.each<[string, readonly string[], number, RegExp]>([
    ['an empty line', lines.toSpliced(9, 0, ''), 10, /found ""/],
    ['a line of one word', withLine(7, '7'), 7, /found "7"/],
    ['a line without its length', withLine(7, "7 'a'"), 7, /`id literal byteLength`/],
    ['a page of HTML', ['<!doctype html>', '<html>'], 1, /<!doctype html>/],
    ['a byte order mark', withLine(1, `\ufeff${lines[0]}`), 1, /expected id 1/],
    ['a missing line', lines.toSpliced(99, 1), 100, /found id 101, expected id 100/],
    ['a line twice', lines.toSpliced(99, 0, lines[98]), 100, /found id 99, expected id 100/],
    ['an id with a leading zero', withLine(7, lines[6].replace('7 ', '07 ')), 7, /found id 07/],
    ['a length of 0', withLine(7, "7 '' 0"), 7, /a length of 0/],
    ['a length that is no number', withLine(7, "7 'a' x"), 7, /a length of x/],
    ['a length written otherwise', withLine(98, "98 'a' 0x1"), 98, /a length of 0x1/],
    ['a length beyond any token', withLine(7, "7 'a' 1025"), 7, /a length of 1025/],
    ['another length than that of its bytes', withLine(7, "7 'é' 1"), 7, /a literal of 2 bytes, expected 1 bytes/],
    ['a literal cut off', withLine(257, "257 'ab 2"), 257, /no quoted literal/],
    ['an unknown escape', withLine(257, "257 'a\\q' 2"), 257, /unknown escape/],
    ['a token twice', [...lines, "259 b'\\x61b' 2"], 259, /bytes of token 257 again/],
  ])('%s is refused with its line', (_, changed, line, found) => {
    expect(() => parse(changed)).toThrow(
      expect.objectContaining({
        name: 'RwkvError',
        code: 'text/vocabulary',
        message: expect.stringMatching(new RegExp(`^vocab\\.txt, line ${line}: .*${found.source}`)),
      }),
    )
  })

  test('a file that ends early has not every byte, and is refused by the first one missing', () => {
    const refusal = expect.objectContaining({ code: 'text/vocabulary', message: expect.stringContaining('byte 200') })
    expect(() => parse(lines.slice(0, 200))).toThrow(refusal)
    expect(() => parse([])).toThrow(/single byte 0/)
  })
})
