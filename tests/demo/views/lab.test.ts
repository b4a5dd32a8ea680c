import { expect, test } from 'vitest'
import { createCostLog, kvCacheByteLength } from '../../../demo/views/lab/cost-log.ts'
import { parseLambada } from '../../../demo/views/lab/lambada.ts'
import { parseLambada as parseLambadaOfEval } from '../../eval/evaluation.ts'

test('times of tokens are told as medians, which a pause of the page does not move', () => {
  let now = 0
  const log = createCostLog({ tokens: 100, points: 10, now: () => now })
  for (let token = 0; token < 101; token++) {
    now += token === 55 ? 5000 : 10 + Math.floor(token / 50)
    log.add()
  }
  expect(log.tokens).toBe(101)
  expect(log.points().map(({ tokens }) => tokens)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  expect(log.points().every(({ ms }) => ms >= 10 && ms <= 12)).toBe(true)
  expect(log.ends()).toEqual([10, 11])
})

test('nothing is told of a reply that has not begun', () => {
  const log = createCostLog({ tokens: 100, points: 10, now: () => 0 })
  expect([log.tokens, log.points(), log.ends()]).toEqual([0, [], [0, 0]])
})

test('a KV cache keeps a key and a value of each channel, layer and token, two bytes each', () => {
  expect(kvCacheByteLength({ L: 12, C: 768 }, 1)).toBe(36_864)
  expect(kvCacheByteLength({ L: 12, C: 768 }, 2048)).toBe(75_497_472)
})

test('LAMBADA is read as `npm run eval` reads it, and a bad line is named', () => {
  const lines = '{"text": "He looked at the old dog"}\n\n{"text": "A b "}\n'
  expect(parseLambada(lines)).toEqual(parseLambadaOfEval(lines))
  expect(() => parseLambada('{"text": "one two"}\n{"text": "one"}')).toThrow('Line 2')
  expect(() => parseLambada('{"text": "one two"}\n\nnothing')).toThrow('Line 3')
  expect(() => parseLambada('\n')).toThrow('no passage')
})
