import { expect, test } from 'vitest'
import { matrix } from '../../src/core/tensor-spec.ts'
import { addColumns } from '../../src/forward/column-sums.ts'

const spec = matrix('a', 3, 2)
const rows = [
  [1, -10],
  [-2, 20],
  [3, 30],
]

test.each([
  ['at once', [rows.flat()], false],
  ['row by row', rows, false],
  ['turned', [[1, -2, 3, -10, 20, 30]], true],
])('the sums of absolute values are those of the columns, %s', (_, slices, isTurned) => {
  const sums = new Map([['b', new Float32Array(2)]])
  for (const slice of slices) addColumns(sums, { spec, values: Float32Array.from(slice), isTurned })
  expect(sums).toEqual(new Map(Object.entries({ b: new Float32Array(2), a: Float32Array.of(6, 60) })))
})
