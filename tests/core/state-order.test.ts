import { describe, expect, test } from 'vitest'
import { reorderState } from '../../src/core/state-order.ts'

const rows = (name: string, count = 1) => ({ name, count, initial: 0, about: name })
const config = { version: 4, L: 2, C: 8, F: 32, V: 9 } as const
const rwkv4 = { config, state: ['attX', 'ffnX', 'aa', 'bb', 'pp'].map((name) => rows(name)) }
/** Each row holds its own number. */
const numbered = (R: number) =>
  Float32Array.from({ length: config.L * R * config.C }, (_, i) => Math.floor(i / config.C))
const numbersOf = (state: Float32Array) => Array.from(state.filter((_, i) => i % config.C === 0))

describe('rows of a state in another order', () => {
  test.each([
    ['attX aa bb pp ffnX', [0, 2, 3, 4, 1, 5, 7, 8, 9, 6]],
    ['ffnX attX aa bb pp', [1, 0, 2, 3, 4, 6, 5, 7, 8, 9]],
    ['attX ffnX aa bb pp', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ] as const)('%s, and back again', (to, expected) => {
    const reordered = reorderState(numbered(5), rwkv4, { to })
    expect(numbersOf(reordered)).toEqual(expected)
    expect(reorderState(reordered, rwkv4, { from: to })).toEqual(numbered(5))
    expect(numbersOf(numbered(5))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('rows that belong together stay together', () => {
    const matrices = { config, state: [rows('attX'), rows('ffnX'), rows('wkv', 3)] }
    const to = 'attX wkv ffnX'
    expect(numbersOf(reorderState(numbered(5), matrices, { to }))).toEqual([0, 2, 3, 4, 1, 5, 7, 8, 9, 6])
    expect(reorderState(reorderState(numbered(5), matrices, { to }), matrices, { from: to })).toEqual(numbered(5))
  })

  test.each(['attX ffnX aa bb', 'attX ffnX aa bb bb', 'attX ffnX aa bb pp qq', '', 'attX  ffnX aa bb pp'])(
    'an order that is not of these rows is refused: "%s"',
    (order) => {
      for (const options of [{ to: order }, { from: order }])
        expect(() => reorderState(numbered(5), rwkv4, options)).toThrow(/expected each of attX ffnX aa bb pp once/)
    },
  )
})
