import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStopFinder } from '../../src/text/stop-text.ts'

/** Push the pieces until a stop is found; flush if none is. */
function run(stops: readonly string[], pieces: readonly string[], behindSpace: readonly string[] = []) {
  const finder = createStopFinder(stops, behindSpace)
  const shown: string[] = []
  for (const piece of pieces) {
    const foreseen = finder.isStop(piece)
    const { text, stopped } = finder.push(piece)
    expect(foreseen).toBe(stopped)
    shown.push(text)
    if (stopped) return { shown, text: shown.join(''), stopped, held: finder.held }
  }
  shown.push(finder.flush())
  return { shown, text: shown.join(''), stopped: false, held: finder.held }
}

/** Text and pieces it was cut into. */
const pieces = (unit: fc.Arbitrary<string>) => fc.array(fc.string({ unit, maxLength: 4 }), { maxLength: 10 })
const letter = fc.constantFrom('a', 'b', '\n')

describe('createStopFinder', () => {
  test('whatever the pieces, what is shown is the text before the first stop', () => {
    let found = 0
    const law = fc.property(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), pieces(letter), (stop, parts) => {
      const whole = parts.join('')
      const at = whole.indexOf(stop)
      const { text, stopped, held } = run([stop], parts)
      expect({ text, stopped, held }).toEqual({ text: at < 0 ? whole : whole.slice(0, at), stopped: at >= 0, held: '' })
      if (at >= 0) found++
    })
    fc.assert(law, { numRuns: 3000 })
    expect(found).toBeGreaterThan(300)
  })

  test('of several stops the one that is complete first wins, whatever the pieces', () => {
    const stopList = fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), { maxLength: 4 })
    const law = fc.property(stopList, pieces(letter), (stops, parts) => {
      const whole = parts.join('')
      // The shortest beginning of the text that ends in a stop, without the longest stop it ends in.
      let expected = whole
      let isStopped = false
      for (let end = 1; end <= whole.length && !isStopped; end++) {
        const lengths = stops.filter((stop) => whole.slice(0, end).endsWith(stop)).map((stop) => stop.length)
        isStopped = lengths.length > 0
        if (isStopped) expected = whole.slice(0, end - Math.max(...lengths))
      }
      const { text, stopped } = run(stops, parts)
      expect({ text, stopped }).toEqual({ text: expected, stopped: isStopped })
    })
    fc.assert(law, { numRuns: 3000 })
  })

  test('those behind white space do not begin in what the text begins with, whatever the pieces', () => {
    const unit = fc.constantFrom('a', ' ', '\n')
    const list = fc.array(fc.string({ unit, minLength: 1, maxLength: 3 }), { maxLength: 3 })
    let [early, late] = [0, 0]
    const law = fc.property(list, list, pieces(unit), (stops, behind, parts) => {
      const whole = parts.join('')
      const space = whole.length - whole.trimStart().length
      // The first beginning of the text that ends in one; of several the longest.
      const ends = Array.from({ length: whole.length }, (_, i) => i + 1)
      const lengthsAt = (end: number) => [
        ...stops.filter((stop) => whole.slice(0, end).endsWith(stop)).map(({ length }) => length),
        ...behind.filter((stop) => whole.slice(space, end).endsWith(stop)).map(({ length }) => length),
      ]
      const end = ends.find((at) => lengthsAt(at).length > 0)
      const expected = end === undefined ? whole : whole.slice(0, end - Math.max(...lengthsAt(end)))
      const { text, stopped } = run(stops, parts, behind)
      expect({ text, stopped }).toEqual({ text: expected, stopped: end !== undefined })
      if (end !== undefined && end <= space) early++
      if (end !== undefined && end > space) late++
    })
    fc.assert(law, { numRuns: 3000 })
    expect(Math.min(early, late)).toBeGreaterThan(300)
  })

  test('no part of a stop is shown before it is certain that it is none', () => {
    const law = fc.property(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), pieces(letter), (stop, parts) => {
      const finder = createStopFinder([stop])
      let shown = ''
      for (const part of parts) {
        const { text, stopped } = finder.push(part)
        shown += text
        if (stopped) return
        // Everything is shown but the longest end that the stop begins with.
        const beginnings = Array.from(stop, (_, length) => stop.slice(0, length))
        const longest = beginnings.findLast((beginning) => (shown + finder.held).endsWith(beginning))
        expect(finder.held).toBe(longest)
      }
    })
    fc.assert(law, { numRuns: 2000 })
  })

  test('a stop one character a piece', () => {
    expect(run(['\n\n'], ['Hi.', '\n', 'Yes', '\n', '\n', 'User']).shown).toEqual(['Hi.', '', '\nYes', '', ''])
  })

  test('a beginning of a stop at the end of the text is given out by flush', () => {
    expect(run(['\n\n'], ['Hi.\n']).shown).toEqual(['Hi.', '\n'])
  })

  test('a held beginning that fails may hold a later beginning', () => {
    expect(run(['aab'], ['a', 'a', 'a', 'b']).shown).toEqual(['', '', 'a', ''])
  })

  test('no stops, or empty ones, let everything through at once', () => {
    for (const stops of [[], [''], ['', '']]) expect(run(stops, ['a', '\n\n']).shown).toEqual(['a', '\n\n', ''])
  })
})
