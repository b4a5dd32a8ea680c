import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAutomaton } from '../../src/grammar/automaton.ts'
import { parseRegex } from '../../src/grammar/regex.ts'
import { accepts } from '../tools/accepts.ts'
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
  expect(createAutomaton(parseRegex('(?:[ab]*a[ab]{20})')).size).toBeLessThan(5)
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
