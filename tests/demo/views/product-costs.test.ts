import { expect, test } from 'vitest'
import { kindsOf, nameOfShape } from '../../../demo/views/bench/product-costs.ts'

test('of each codec and number of tokens the fastest is found, and what each preset takes if it was measured', () => {
  const shape = { lanes: 1, tiles: 8, rows: 8, sharesBySubgroup: false } as const
  const compile = { wallMs: 1 }
  const kinds = kindsOf([
    { codec: 'f32', tokens: 1, shape, presets: ['gpu'], wallMs: 5, compile },
    { codec: 'f32', tokens: 1, shape: { ...shape, lanes: 32 }, presets: [], wallMs: 2, compile },
    {
      codec: 'f32',
      tokens: 8,
      shape: { ...shape, tokens: 16, sharesBySubgroup: true },
      presets: ['gpu', 'software'],
      wallMs: 7,
      compile,
    },
  ])
  expect(
    kinds.map(({ codec, tokens, fastest }) => [codec, tokens, nameOfShape(fastest.shape), fastest.wallMs]),
  ).toEqual([
    ['f32', 1, '32×8×8', 2],
    ['f32', 8, '1×8×8×16 subgroup', 7],
  ])
  expect(kinds.map(({ msOf }) => [msOf('gpu'), msOf('software')])).toEqual([
    [5, undefined],
    [7, 7],
  ])
})
