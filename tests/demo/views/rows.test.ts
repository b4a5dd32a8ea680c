import { expect, test } from 'vitest'
import { matricesOf, matrixOf, shownOf, valuesOf } from '../../../demo/views/state/rows.ts'
import { state as rowsOf7 } from '../../../src/rwkv/shared/state.ts'

const config = { version: 7, L: 2, C: 6, F: 8, V: 9, headSize: 3 } as const
const state = rowsOf7(config)
const info = { config, state }
const R = 2 + 3

/** Each number says where it is: layer, head, key and value channel; the shift rows hold -1. */
const place = (layer: number, head: number, key: number, value: number) => 1000 * layer + 100 * head + 10 * key + value
const values = Float32Array.from({ length: 2 * R * 6 }, (_, i) => {
  const [layer, row, c] = [Math.floor(i / (R * 6)), Math.floor(i / 6) % R, i % 6]
  const at = (row - 2) * 6 + c
  return row < 2 ? -1 : place(layer, Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3)
})

test('a head’s matrix has a line for each key channel, a column for each value channel', () => {
  const rows = matricesOf(state)
  if (!rows) throw new Error('no matrices')
  for (const layer of [0, 1])
    for (const head of [0, 1]) {
      const lines = matrixOf(values, rows, { info, layer, head })
      expect(lines.map((line) => [...line])).toEqual(
        [0, 1, 2].map((key) => [0, 1, 2].map((value) => place(layer, head, key, value))),
      )
    }
  expect(matricesOf(state.slice(0, 2))).toBeUndefined()
})

test('of matrices each value channel is shown by the root of the sum of its squares', () => {
  const [x, , s] = shownOf(state)
  if (!x || !s) throw new Error('nothing to show')
  expect(valuesOf(values, x, info)).toEqual([new Float32Array(6).fill(-1), new Float32Array(6).fill(-1)])
  const expected = [0, 1].map((layer) =>
    [0, 1].flatMap((head) =>
      [0, 1, 2].map((value) => Math.fround(Math.hypot(...[0, 1, 2].map((key) => place(layer, head, key, value))))),
    ),
  )
  expect(valuesOf(values, s, info).map((line) => [...line])).toEqual(expected)
})
