import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createThoughtSplitter } from '../../src/text/thoughts.ts'

type Begun = Parameters<typeof createThoughtSplitter>[1]

/** What comes of a reply that is said in `pieces`. */
function split(begun: Begun, pieces: readonly string[]) {
  const splitter = createThoughtSplitter({ close: '</think>' }, begun)
  const given = [...pieces.map((piece) => splitter.push(piece)), splitter.flush()]
  const join = (part: 'thoughts' | 'answer') => given.map((piece) => piece[part]).join('')
  return { thoughts: join('thoughts'), answer: join('answer'), isAnswering: splitter.isAnswering }
}

const cases: readonly [Begun, string, ReturnType<typeof split>][] = [
  ['thoughts', '>\nLet me see.\n\n2+2<5\n</think>\n\n It is 4.\n', said('Let me see.\n\n2+2<5', 'It is 4.')],
  ['thoughts', '></think>Yes', said('', 'Yes')],
  ['thoughts', 'No tag. </thinking', { ...said('No tag. </thinking', ''), isAnswering: false }],
  ['thoughts', '> a </th', { ...said('a </th', ''), isAnswering: false }],
  ['thoughts', '>a</think>b</think>c', said('a', 'b</think>c')],
  ['empty thoughts', '>\n\nHello  there. ', said('', 'Hello  there.')],
  ['empty thoughts', ' Hello > you', said('', 'Hello > you')],
  ['answer', '> quoted', said('', '> quoted')],
]
function said(thoughts: string, answer: string) {
  return { thoughts, answer, isAnswering: true }
}

describe('thoughts are told from the answer', () => {
  test.each(cases)('%s: %j', (begun, text, expected) => {
    expect(split(begun, [text])).toEqual(expected)
  })

  test('whatever pieces they come in', () => {
    const law = fc.property(fc.constantFrom(...cases), fc.array(fc.boolean()), ([begun, text, expected], cuts) => {
      const pieces = Array.from(text, (letter, i) => (cuts[i] ? `${letter}|` : letter)).join('')
      const isCut = text.includes('|')
      expect(isCut).toBe(false)
      expect(split(begun, pieces.split('|'))).toEqual(expected)
    })
    fc.assert(law, { numRuns: 500 })
  })
})
