import { describe, expect, test } from 'vitest'
import type { SamplingOptions } from '../../src/core/protocol.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'

describe('resolveSampling', () => {
  test("the defaults are those of RWKV's own Python package: PIPELINE_ARGS in rwkv/utils.py", () => {
    const args = {
      temperature: 1.0,
      top_p: 0.85,
      top_k: 0,
      alpha_frequency: 0.2,
      alpha_presence: 0.2,
      alpha_decay: 0.996,
    }
    const { temperature, topP, topK, frequencyPenalty, presencePenalty, penaltyDecay, ...others } = resolveSampling()
    expect([temperature, topP, topK, frequencyPenalty, presencePenalty, penaltyDecay]).toEqual(Object.values(args))
    expect(others).toMatchObject({ minP: 0, minTokens: 0 }) // which do nothing
  })

  test('later layers win, undefined counts as left out, and nothing given is changed', () => {
    const model = { temperature: 0.8, topP: 0.5 }
    const own = { topP: 0.3, seed: 7, temperature: undefined } as unknown as Partial<SamplingOptions>
    expect(resolveSampling(model, undefined, own)).toEqual({ ...defaultSampling, temperature: 0.8, topP: 0.3, seed: 7 })
    expect(model).toEqual({ temperature: 0.8, topP: 0.5 })
    expect(defaultSampling.topP).toBe(0.85)
  })

  const ranges: [keyof SamplingOptions, least: number, most: number, isWhole: boolean][] = [
    ['temperature', 0, 10, false],
    ['topP', 0, 1, false],
    ['topK', 0, 4294967295, true],
    ['presencePenalty', -10, 10, false],
    ['frequencyPenalty', -10, 10, false],
    ['penaltyDecay', 0, 1, false],
    ['minP', 0, 1, false],
    ['maxTokens', 1, 4294967295, true],
    ['minTokens', 0, 4294967295, true],
    ['logprobs', 0, 20, true],
    ['seed', 0, 9007199254740991, true],
  ]

  test.each(ranges)('%s may be %d and %d and nothing beyond', (name, least, most, isWhole) => {
    for (const value of [least, most]) expect(resolveSampling({ [name]: value })[name]).toBe(value)
    const beyond = [least - 1, most + 1, Number.NaN, Infinity, -Infinity]
    for (const value of [...beyond, '1', null, true, [1], ...(isWhole ? [least + 0.5] : [])]) {
      const refusal = expect.objectContaining({
        name: 'RwkvError',
        code: 'option/invalid',
        message: `${name} is ${typeof value === 'number' ? value : JSON.stringify(value)}; expected a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}.`,
      })
      expect(() => resolveSampling({ [name]: value })).toThrow(refusal)
    }
  })

  test('the ranges above are those of all options that are numbers', () => {
    const numbers = [...Object.keys(defaultSampling), 'seed', 'logprobs']
    expect(ranges.map(([name]) => name).sort()).toEqual(numbers.sort())
  })

  const lists: [keyof SamplingOptions, good: unknown[], bad: unknown[]][] = [
    ['allowedIds', [[0], [3, 7]], [[], 'all', [1.5], [-1], ['a'], 3]],
    ['bannedIds', [[], [0, 7]], [[1.5], [-1], [null], 3, {}]],
    ['stop', [[], ['x', 'END']], [[''], 'END', [1], null]],
    [
      'logitBias',
      [
        [],
        [
          { token: 1, bias: -100 },
          { token: ' cat', bias: 100 },
        ],
      ],
      [
        [{ token: 1, bias: 101 }],
        [{ token: '', bias: 1 }],
        [{ token: 1.5, bias: 1 }],
        [{ token: 1 }],
        [[1, 2]],
        { 1: 2 },
      ],
    ],
  ]

  test.each(lists)('%s is judged whole', (name, good, bad) => {
    for (const value of good) expect(resolveSampling({ [name]: value })[name]).toEqual(value)
    for (const value of bad) {
      const message = expect.stringMatching(`^${name} is .*; expected a list of .+\\.$`)
      expect(() => resolveSampling({ [name]: value })).toThrow(
        expect.objectContaining({ code: 'option/invalid', message }),
      )
    }
  })

  test('format is judged by its shape', () => {
    const good = [
      { type: 'json' },
      { type: 'json-schema', schema: {} },
      { type: 'regex', pattern: '' },
      { type: 'regex', pattern: 'a', flags: 'i' },
      { type: 'grammar', grammar: '' },
      { type: 'grammar', grammar: '', schemas: { a: {} } },
    ] as const
    for (const format of good) expect(resolveSampling({ format }).format).toBe(format)
    for (const format of [
      'json',
      null,
      {},
      { type: 'xml' },
      { type: 'json', schema: {} },
      { type: 'json-schema', schema: '{}' },
      { type: 'regex' },
      { type: 'regex', pattern: 'a', flags: 1 },
      { type: 'grammar', grammar: '', toString: 1 },
      { type: 'grammar', grammar: '', schemas: [{}] },
      { type: 'grammar', grammar: '', schemas: { a: true } },
    ])
      expect(() => resolveSampling({ format } as never)).toThrow(/^format is .*; expected \{ type: 'json' \}/)
  })

  test('a value that is long is shown in part', () => {
    expect(() => resolveSampling({ stop: [''.padEnd(100, 'x'), ''] })).toThrow(/^stop is \["x{78}…; expected/)
  })

  test.each(['top_p', 'Temperature', 'toString', '__proto__x'])('%s is no option', (name) => {
    expect(() => resolveSampling({ [name]: 1 })).toThrow(
      expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining(`option ${name}.`) }),
    )
  })
})
