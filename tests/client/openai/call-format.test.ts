import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callFormat } from '../../../src/client/openai/call-format.ts'
import { accepts, rulesOf } from '../../tools/accepts.ts'

const tools = [
  {
    name: 'a"',
    parameters: { properties: { n: { $ref: '#/$defs/n' } }, required: ['n'], $defs: { n: { enum: [1, 2] } } },
  },
  { name: 'b' },
]
const [good, bad] = ['{"name":"a\\"","arguments":{"n":1}}', '{"name":"a\\"","arguments":{"n":3}}']
const empty = '{"name": "b", "arguments": {}}'

const quote = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What such a reply is, by the platform's regular expressions. */
function judge({ start, end }: { start: string; end: string }, goesOn: boolean): RegExp {
  const text = `(?:(?!${quote(start)})[^])*`
  const one = '\\{"name": ?(?:"a\\\\"", ?"arguments": ?\\{"n": ?[12]\\}|"b", ?"arguments": ?\\{\\})\\}'
  const call = `${quote(start)}[ \\n]?${one}[ \\n]?${quote(end)}`
  return new RegExp(`^${text}(?:${call}${goesOn ? text : '$'})${goesOn ? '*' : '?'}$`)
}

describe.each([
  { start: '```json', end: '```' },
  { start: '<call>', end: '</call>' },
  { start: 'aabaaa', end: '\n' }, // its beginning stands in it again
  { start: '[', end: ']' },
  { start: '✿😀', end: '✿' },
])('a reply with calls between $start and $end', (marks) => {
  const piece = fc.oneof(
    fc.constantFrom(marks.start, marks.start, marks.end, good, bad, empty, ' ', '\n', 'a', 'é', '`', '<', '😀'),
    fc.constantFrom(...[good, bad, empty].map((json) => `${marks.start}${json}${marks.end}`)),
    fc.nat({ max: Array.from(marks.start).length }).map((count) => Array.from(marks.start).slice(0, count).join('')),
  )

  test.each([true, false])('is text, and calls that keep to their schemas; goes on behind one: %s', (goesOn) => {
    const rules = rulesOf(callFormat({ marks, tools, isForced: false, isBegun: false, goesOn }))
    const sound = judge(marks, goesOn)
    const heard = [0, 0]
    const law = fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const said = pieces.join('')
      const isSound = sound.test(said)
      if (said.includes(marks.start)) heard[Number(isSound)] = (heard[Number(isSound)] as number) + 1
      expect([said, accepts(rules, said)]).toEqual([said, isSound])
    })
    fc.assert(law, { numRuns: 400, seed: 3 })
    expect(Math.min(...heard)).toBeGreaterThan(20)
  })

  test('or one call and nothing else, where it must be one', () => {
    const forced = { marks, tools, isForced: true, goesOn: false }
    const [whole, rest] = [false, true].map((isBegun) => rulesOf(callFormat({ ...forced, isBegun })))
    for (const [json, isSound] of [
      [good, true],
      [empty, true],
      [bad, false],
      ['', false],
    ] as const)
      for (const more of ['', 'x', `${marks.start}${good}${marks.end}`]) {
        const said = `${json}${marks.end}${more}`
        expect(accepts(rest as never, said)).toBe(isSound && more === '')
        for (const before of ['', ' ', '\n'])
          expect(accepts(whole as never, `${before}${marks.start}${said}`)).toBe(isSound && more === '')
      }
    expect(accepts(whole as never, '')).toBe(false)
  })
})
