import { expect, test } from 'vitest'
import { samplingAttributes, samplingOf } from '../../src/element/sampling.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'

const none = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  presencePenalty: null,
  frequencyPenalty: null,
  penaltyDecay: null,
  minTokens: null,
  maxTokens: null,
  seed: undefined,
}

test('every sampling option of the engine has an attribute', () => {
  expect(new Set(Object.keys(samplingAttributes))).toEqual(new Set([...Object.keys(defaultSampling), 'seed']))
})

test('attributes that are not there leave the model its own', () => {
  expect(samplingOf(none)).toEqual({})
  expect(samplingOf({ ...none, temperature: 0, seed: 7 })).toEqual({ temperature: 0, seed: 7 })
})

test('attributes come before the property sampling, which takes every option', () => {
  const sampling = { temperature: 2, topK: 3, stop: ['\n'] }
  expect(samplingOf({ ...none, sampling, temperature: 0 })).toEqual({ temperature: 0, topK: 3, stop: ['\n'] })
})

test('an attribute that is not a number is refused by name', () => {
  expect(() => resolveSampling(samplingOf({ ...none, topP: Number('hot') }))).toThrow(/topP is NaN/)
})
