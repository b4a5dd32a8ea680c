import { expect, test } from 'vitest'
import { fitOf, formatOf, MUCH_BYTES, recommend } from '../../../demo/views/models/fit.ts'
import { catalogue, weightByteLengthOf } from '../../../src/index.ts'

const desk = { isPhone: false, isSlow: false, room: undefined }
const weightsOf = (entry: (typeof catalogue)[number]) => weightByteLengthOf(entry, formatOf(entry))

test('what is recommended fits in the room that was found, and more room never gives a smaller model', () => {
  let before = 0
  for (const given of [0, 0.25e9, 0.5e9, 1e9, 2e9, 4e9]) {
    const best = recommend(catalogue, { ...desk, room: { given, refused: undefined } })
    const bytes = best ? weightsOf(best) : 0
    expect(bytes).toBeLessThanOrEqual(given)
    expect(bytes).toBeGreaterThanOrEqual(before)
    before = bytes
  }
  expect(before).toBeGreaterThan(0)
})

test('a phone is recommended nothing that it would be asked about', () => {
  const best = recommend(catalogue, { ...desk, isPhone: true })
  expect(best?.byteLength).toBeLessThanOrEqual(MUCH_BYTES)
})

test('a slow device is recommended no larger model than a fast one', () => {
  const [slow, fast] = [recommend(catalogue, { ...desk, isSlow: true }), recommend(catalogue, desk)]
  if (!slow || !fast) throw new Error('none is recommended')
  expect(weightsOf(slow)).toBeLessThan(weightsOf(fast))
})

test('what is small fits, what was refused does not, and of all between nobody knows', () => {
  const room = { given: 1e9, refused: 2e9 }
  expect([1e6, 1e9, 1.5e9, 2e9, 3e9].map((bytes) => fitOf(bytes, room))).toEqual([
    'fits',
    'fits',
    'not tested',
    'does not fit',
    'does not fit',
  ])
  expect([1e6, 1e9].map((bytes) => fitOf(bytes, undefined))).toEqual(['fits', 'not tested'])
})
