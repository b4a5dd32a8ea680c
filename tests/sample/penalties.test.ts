import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPenalties } from '../../src/sample/penalties.ts'

test('counts fade by the decay with each token, and the new one counts whole', () => {
  const penalties = createPenalties()
  for (const id of [5, 9, 5]) penalties.add(id, 0.5)
  expect(Object.fromEntries(penalties.counts)).toEqual({ 5: 1.25, 9: 0.5 }) // 1·0.5·0.5 + 1, 1·0.5
})

test('the count of an id is the sum of decay^age over its tokens', () => {
  const law = fc.property(
    fc.array(fc.nat(4), { maxLength: 40 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (ids, decay) => {
      const penalties = createPenalties()
      for (const id of ids) penalties.add(id, decay)
      for (const id of new Set(ids)) {
        const expected = ids.reduce((sum, other, i) => (other === id ? sum + decay ** (ids.length - 1 - i) : sum), 0)
        expect(penalties.counts.get(id)).toBeCloseTo(expected, 9)
      }
      expect(penalties.counts.size).toBe(new Set(ids).size)
    },
  )
  fc.assert(law)
})

test('without decay they are plain counts; with decay 0 only the last token counts', () => {
  const [plain, forgetful] = [createPenalties(), createPenalties()]
  for (const id of [1, 2, 1, 1]) {
    plain.add(id, 1)
    forgetful.add(id, 0)
  }
  expect([...plain.counts]).toEqual([
    [1, 3],
    [2, 1],
  ])
  expect([...forgetful.counts].filter(([, count]) => count > 0)).toEqual([[1, 1]])
})

test('an id that is exempt is among the ids of the reply, and counts nothing', () => {
  const penalties = createPenalties(new Set([7]))
  for (const id of [7, 5, 7, 5]) penalties.add(id, 1)
  expect(Object.fromEntries(penalties.counts)).toEqual({ 7: 0, 5: 2 })
})
