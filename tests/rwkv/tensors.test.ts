import { expect, test } from 'vitest'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { SMALL } from '../model/rwkv4-tensors.ts'

test('the weights of 169M are those of the model card: 12 × 768, F = 3072, 169 million', () => {
  const specs = [...tensorsOf({ version: 4, L: 12, C: 768, F: 3072, V: 50277 })]
  const count = specs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  expect(specs).toHaveLength(2 + 12 * 18 + 4)
  expect(count).toBe(169_342_464)
})

test('every name is there once', () => {
  const names = Array.from(tensorsOf({ version: 4, ...SMALL }), ({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
