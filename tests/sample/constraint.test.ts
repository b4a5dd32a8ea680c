import { describe, expect, test } from 'vitest'
import type { SamplingOptions } from '../../src/core/protocol.ts'
import { createConstraint, type Vocabulary } from '../../src/sample/constraint.ts'
import { defaultSampling } from '../../src/sample/options.ts'

/** Ids 1 … 5 are the letters a … e, 0 ends the text, 6 and 7 stand for nothing. */
const vocabulary: Vocabulary = {
  V: 8,
  eosTokenId: 0,
  isText: (id) => id >= 1 && id <= 5,
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0) - 96),
}
const constrain = (options: Partial<SamplingOptions>) =>
  createConstraint(vocabulary, { ...defaultSampling, ...options })

describe('a constraint', () => {
  test('leaves everything as it is by default', () => {
    expect(constrain({})).toEqual({ bias: new Map(), banned: [], choices: 5 })
  })

  test('takes ids and words, and adds the biases of one token up', () => {
    const logitBias = [
      { token: 2, bias: 1 },
      { token: 'b', bias: -3 },
      { token: 'e', bias: 100 },
    ]
    expect(constrain({ logitBias }).bias).toEqual(
      new Map([
        [2, -2],
        [5, 100],
      ]),
    )
  })

  test('exempts ids, and words that are one token', () => {
    expect(constrain({ frequencyExempt: ['b', 4, 'bad', 'b'] }).exempt).toEqual(new Set([2, 4]))
  })

  test('counts what is left to be drawn', () => {
    expect(constrain({ allowedIds: [0, 1, 2, 2, 7] }).choices).toBe(2)
    expect(constrain({ allowedIds: [0, 1, 2], bannedIds: [2] }).choices).toBe(1)
    expect(constrain({ bannedIds: [1, 0] }).choices).toBe(4)
    expect(constrain({ allowedIds: [0] }).choices).toBe(0)
  })

  test.each<[string, Partial<SamplingOptions>]>([
    ['allowedIds', { allowedIds: [1, 8] }],
    ['bannedIds', { bannedIds: [8] }],
    ['frequencyExempt', { frequencyExempt: ['a', 8] }],
    ['logitBias', { logitBias: [{ token: 8, bias: 1 }] }],
  ])('an id outside the vocabulary in %s is refused by name and range', (name, options) => {
    const message = `${name} holds the id 8; this model's ids are whole numbers from 0 to 7.`
    expect(() => constrain(options)).toThrow(expect.objectContaining({ code: 'option/invalid', message }))
  })

  test('a word of several tokens is refused with its ids', () => {
    expect(() => constrain({ logitBias: [{ token: 'bad', bias: 1 }] })).toThrow(
      expect.objectContaining({
        code: 'option/invalid',
        message: expect.stringContaining('"bad", which is 3 tokens (2, 1, 4)'),
      }),
    )
  })

  test.each<Partial<SamplingOptions>>([
    { allowedIds: [3], bannedIds: [3] },
    { allowedIds: [6, 7] },
    { allowedIds: [0], minTokens: 1 },
    { allowedIds: [0], bannedIds: [0] },
    { bannedIds: [0, 1, 2, 3, 4, 5] },
  ])('%o leaves nothing to be drawn, and is refused', (options) => {
    expect(() => constrain(options)).toThrow(
      expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining('leave no id') }),
    )
  })
})
