import { expect, test } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { evaluateAll, parseLambada } from './evaluation.ts'

test('a passage is cut before its last word, which keeps its space', () => {
  expect(parseLambada('{"text": "He said yes"}\n\n{"text": "a \\"b\\" c. "}\n')).toEqual([
    { context: 'He said', word: ' yes' },
    { context: 'a "b"', word: ' c.' },
  ])
})

test.each(['{"text": "word"}', '{"words": "a b"}', '{"text": 3}'])('%s is refused by its line', (line) => {
  expect(() => parseLambada(`{"text": "a b"}\n${line}`)).toThrow(/line 2/)
})

test('accuracy is the part of greedy words, perplexity exp of the mean nll of a word', async () => {
  const scores = [
    { logprob: -1, isGreedy: true },
    { logprob: -3, isGreedy: false },
  ]
  const model = { score: async () => scores.shift() } as unknown as Model
  const seen: number[] = []
  const passages = parseLambada('{"text": "a b"}\n{"text": "c d"}')
  const report = await evaluateAll(model, { passages, onProgress: (done) => seen.push(done) })
  expect(report).toMatchObject({ tokens: null, perplexity: null, lambadaAccuracy: 0.5, lambadaPerplexity: Math.exp(2) })
  expect(seen).toEqual([1, 2])
})
