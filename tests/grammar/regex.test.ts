import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withCases } from '../../src/grammar/case.ts'
import { parseRegex } from '../../src/grammar/regex.ts'
import { accepts, automatonOf } from '../tools/accepts.ts'
import { patternsOf } from '../tools/random-pattern.ts'
import { createNoise } from '../tools/random-reply.ts'

const character = fc.constantFrom('a', 'b', 'c', 'é', '日', '😀', '0', '7', ' ', '\n', '_', '-', '.', '"', '\\', ']')
const atom = fc.oneof(
  character.map((one) => (/[.\\\]]/.test(one) ? `\\${one}` : one === '\n' ? '\\n' : one)),
  fc.constantFrom(
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\D',
    '\\W',
    '\\S',
    '\\t',
    '\\x61',
    '\\u00e9',
    '\\u{1F600}',
    '\\ud83d\\ude00',
    '\\cJ',
    '\\/',
  ),
  fc.constantFrom(
    '[abc]',
    '[^abc]',
    '[a-c]',
    '[\\d_]',
    '[^\\d\\s]',
    '[é-日]',
    '[-a]',
    '[a\\]]',
    '[^]',
    '[\\W]',
    '[😀-😂]',
    '[\\b\\n]',
  ),
)
const pattern = patternsOf(atom)
/** What is sound without the flag u, or means another thing there. */
const plainAtom = fc.oneof(
  character.map((one) => (/[.\\\]]/.test(one) ? `\\${one}` : one === '\n' ? '\\n' : one)),
  fc.constantFrom(
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\D',
    '\\W',
    '\\S',
    '\\-',
    '\\_',
    '\\e',
    '\\"',
    '\\x61',
    '\\xa',
    '\\u00e9',
  ),
  fc.constantFrom(
    '\\u',
    '\\x',
    '\\p',
    '\\ud83d\\ude00',
    '\\ude00',
    '{',
    '}',
    ']',
    '{,2}',
    '{a}',
    'k',
    'K',
    'S',
    '\u017f',
    '\u212a',
    'ß',
    'ẞ',
  ),
  fc.constantFrom(
    '[abc]',
    '[^abc]',
    '[a-c]',
    '[\\d-_]',
    '[^\\d\\s]',
    '[é-日]',
    '[a-]',
    '[\\w-a]',
    '[^]',
    '[\\W]',
    '[^😀]',
  ),
  fc.constantFrom('[😀]', '[a😀]', '[\\ud800-\\udfff]', '[^\\udc00-\\udfff]', '[k-s]', '[^k]', '[^\\W]', '[^\\w]'),
)
const text = fc.array(character, { maxLength: 6 }).map((all) => all.join(''))

describe('200 regular expressions', () => {
  const patterns = fc.sample(pattern, { numRuns: 200, seed: 8 })

  test('agree with the platform on any text, as a whole and in search', () => {
    let [matched, all] = [0, 0]
    for (const [i, one] of patterns.entries()) {
      const [whole, found] = [parseRegex(one), parseRegex(one, { isSearch: true })]
      const [platform, search] = [new RegExp(`^(?:${one})$`, 'u'), new RegExp(one, 'u')]
      for (const said of fc.sample(text, { numRuns: 60, seed: i })) {
        expect([one, said, accepts(whole, said)]).toEqual([one, said, platform.test(said)])
        expect([one, said, accepts(found, said)]).toEqual([one, said, search.test(said)])
        matched += Number(platform.test(said))
        all += 1
      }
    }
    expect(matched).toBeGreaterThan(all / 50)
  })

  test('are matched by what noise says in them', async () => {
    const noise = createNoise()
    for (const [seed, one] of patterns.entries()) {
      const { summary } = await noise({ format: { type: 'regex', pattern: one }, seed, sampling: { maxTokens: 40 } })
      expect(summary.finishReason).toBe('stop')
      const { text } = summary
      expect([one, text, new RegExp(`^(?:${one})$`, 'u').test(text)]).toEqual([one, text, true])
    }
  })
})

describe('flags', () => {
  const cased = fc.constantFrom(
    'a',
    'A',
    'b',
    'C',
    'é',
    'É',
    'k',
    'K',
    '\u212a',
    's',
    'S',
    '\u017f',
    'ß',
    'ẞ',
    '日',
    '😀',
    '\n',
    '-',
    '0',
    '{',
    '}',
    'u',
    'e',
    'p',
    'x',
  )
  const saying = fc.array(cased, { maxLength: 5 }).map((all) => all.join(''))

  test('i and s, with u and without: the platform agrees with every text that is allowed, and with u with all others', () => {
    let allowed = 0
    for (const [i, flags] of ['', 'i', 's', 'u', 'iu', 'su', 'isu', 'gimsy'].entries()) {
      const isUnicode = flags.includes('u')
      for (const [j, one] of fc.sample(patternsOf(isUnicode ? atom : plainAtom), { numRuns: 60, seed: i }).entries()) {
        const [node, platform] = [parseRegex(one, { flags }), new RegExp(`^(?:${one})$`, flags.replace(/[gmy]/g, ''))]
        for (const said of fc.sample(saying, { numRuns: 40, seed: i * 1000 + j })) {
          const [ours, theirs] = [accepts(node, said), platform.test(said)]
          // Without u, characters beyond U+FFFF are two of its units: some of their texts are left out.
          if (isUnicode || /^[\0-\uffff]*$/u.test(said))
            expect([one, flags, said, ours]).toEqual([one, flags, said, theirs])
          else if (ours) expect([one, flags, said, theirs]).toEqual([one, flags, said, true])
          allowed += Number(ours)
        }
      }
    }
    expect(allowed).toBeGreaterThan(200)
  })

  test.each(['i', 'iu'])('%s takes the same characters for each other as the platform, all of them', (flags) => {
    const isUnicode = flags === 'iu'
    const all = Array.from({ length: isUnicode ? 0x1f000 : 0x10000 }, (_, code) => code)
    const codes = all.filter((code) => (code < 0xd800 || code > 0xdfff) && code >= 0x41)
    const texts = codes.map((code) => String.fromCodePoint(code))
    const text = texts.filter((one) => one.toLowerCase() !== one || one.toUpperCase() !== one).join('')
    const escaped = (hex: string) => (isUnicode ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`)
    let pairs = 0
    for (const one of text) {
      const code = one.codePointAt(0) as number
      const theirs = (text.match(new RegExp(escaped(code.toString(16)), `g${flags}`)) ?? []).sort()
      const ours = withCases([[code, code]], isUnicode).map(([from]) => String.fromCodePoint(from))
      expect([...new Set(ours)].sort()).toEqual(theirs)
      pairs += theirs.length - 1
    }
    expect(pairs).toBeGreaterThan(2000)
  })

  test('what is beyond U+FFFF can be written without u where it may: alone, and where its units have no end', () => {
    const said = ['😀', '😀😀', 'a😀', '']
    const allowed = (pattern: string) => said.filter((text) => accepts(parseRegex(pattern, { flags: '' }), text))
    expect(allowed('.*')).toEqual(said)
    expect(allowed('a?\\W+')).toEqual(['😀', '😀😀', 'a😀'])
    expect(allowed('😀')).toEqual(['😀'])
    expect(allowed('a?😀?')).toEqual(['😀', 'a😀'])
    expect(allowed('.{2}')).toEqual([])
  })

  test.each([
    ['v', 'there is no flag v here'],
    ['uu', 'there is no flag uu here'],
    ['I', 'there is no flag I here'],
  ])('%s is refused', (flags, words) => {
    expect(() => parseRegex('a', { flags })).toThrow(
      expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining(words) }),
    )
  })
})

test('anchors at the ends of alternatives, in search and as a whole', () => {
  for (const one of ['^a|b$', '^(?:a|b)$', 'a', '^', '$', '^a', 'b$', '^ab$|^c', '(?<x>a)$'])
    for (const said of ['', 'a', 'b', 'ab', 'ba', 'xa', 'bx', 'c', 'cd'])
      expect([one, said, accepts(parseRegex(one, { isSearch: true }), said)]).toEqual([
        one,
        said,
        new RegExp(one, 'u').test(said),
      ])
  expect(['a', 'ba', 'ab'].map((said) => accepts(parseRegex('^a$'), said))).toEqual([true, false, false])
})

test('a repetition of thousands is read as it is needed', () => {
  const node = parseRegex('(?:ab?){3000}c{0,50000}')
  expect(accepts(node, 'ab'.repeat(3000))).toBe(true)
  expect(accepts(node, 'ab'.repeat(2999))).toBe(false)
  expect(automatonOf(parseRegex('(?:[ab]*a[ab]{20})')).byteLength).toBeLessThan(10_000)
})

test.each([
  ['a(?=b)', 'looks ahead or behind'],
  ['(?!b)a', 'looks ahead or behind'],
  ['(?<=b)a', 'looks ahead or behind'],
  ['(?<!b)a', 'looks ahead or behind'],
  ['(a)\\1', '\\1 refers back to a group'],
  ['(?<n>a)\\k<n>', '\\k refers back to a group'],
  ['\\bword', 'uses \\b'],
  ['\\p{L}+', 'uses \\p'],
  ['a^b', '^ is known at the beginning'],
  ['(a$)b', '$ is known at the beginning'],
  ['(', 'no regular expression'],
  ['[b-a]', 'no regular expression'],
])('%s is refused: %s', (one, words) => {
  expect(() => parseRegex(one)).toThrow(
    expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining(words) }),
  )
})
