import { expect, test } from 'vitest'
import { sayWeights } from '../../../demo/views/models/text.ts'

test('what the weights are held in is said in words', () => {
  expect(sayWeights('f16')).toBe('in f16')
  expect(sayWeights('q4_k + q6_k')).toBe('most of them in q4_k, the others in q6_k')
  expect(sayWeights('q8 + f16 + f32')).toBe('most of them in q8, the others in f16 and f32')
})
