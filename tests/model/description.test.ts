import { describe, expect, test } from 'vitest'
import { parseDescription } from '../../src/model/description.ts'
import { architectures } from '../../src/rwkv/index.ts'

const STORYTELLER = {
  name: 'storyteller',
  architecture: 'rwkv-4',
  weights: 'model.safetensors',
  vocabulary: { file: 'vocab.txt', kind: 'world' },
  bos_token_id: 0,
  eos_token_id: 0,
  prompt_format: { user: 'User: {text}\n\n', assistant: 'Assistant:', end: '\n\n', stop: ['\n\n'] },
  sampling: { temperature: 0.8, top_p: 0.5, presence_penalty: 0.2, penalty_decay: 0.996, max_tokens: 400 },
  license: 'Apache-2.0',
}
const parse = (json: unknown) => parseDescription(json, 'model.json', architectures)
const varied = (fields: object) => parse({ ...STORYTELLER, ...fields })
const hash = 'AB'.repeat(32)
const format = (fields: object) => ({ prompt_format: { ...STORYTELLER.prompt_format, ...fields } })
const think = { skip: '<t></t', open: '<t', close: '</t>', on: ' (t)', a_bit: ' (t1)', a_lot: '' }
const fill_in = { text: '<p>{prefix}<s>{suffix}<m>', stop: '<' }
const tools = { present: '{tools}\n', call_start: '<call>', call_end: '</call>', result: 'Result: {text}\n' }

describe('parseDescription', () => {
  test('names become those of the API', () => {
    expect(parse(STORYTELLER)).toEqual({
      name: 'storyteller',
      weights: ['model.safetensors'],
      vocabulary: { file: 'vocab.txt', kind: 'world' },
      bosTokenId: 0,
      eosTokenId: 0,
      promptFormat: STORYTELLER.prompt_format,
      sampling: { temperature: 0.8, topP: 0.5, presencePenalty: 0.2, penaltyDecay: 0.996, maxTokens: 400 },
      license: 'Apache-2.0',
    })
  })

  test('optional fields: given, null or left out', () => {
    const full = varied({ source: 'https://a.test', sha256: { 'model.safetensors': hash }, weights: ['a', 'shards/b'] })
    expect(full).toMatchObject({ source: 'https://a.test', weights: ['a', 'shards/b'] })
    expect([...(full.sha256 ?? [])]).toEqual([['model.safetensors', hash.toLowerCase()]])
    const none = varied({ bos_token_id: null, source: null, sampling: undefined })
    expect(none).not.toHaveProperty('bosTokenId')
    expect(none).not.toHaveProperty('source')
    expect(none.sampling).toEqual({})
    expect(varied({ prompt_format: { ...STORYTELLER.prompt_format, opener: 'Hi' } }).promptFormat.opener).toBe('Hi')
    expect(varied(format({ system: 'S: {text}\n' })).promptFormat.system).toBe('S: {text}\n')
    expect(varied({ sampling: { frequency_exempt: ['0', ' '] } }).sampling).toEqual({ frequencyExempt: ['0', ' '] })
    const { a_bit: aBit, a_lot: aLot, ...others } = think
    expect(varied(format({ think })).promptFormat.think).toEqual({ ...others, aBit, aLot })
    expect(varied(format({ fill_in })).promptFormat.fillIn).toEqual(fill_in)
    expect(varied(format({ tools })).promptFormat.tools).toEqual({
      present: '{tools}\n',
      callStart: '<call>',
      callEnd: '</call>',
      result: 'Result: {text}\n',
    })
    const more = { style: 'signatures', between: '\n' }
    expect(varied(format({ tools: { ...tools, ...more } })).promptFormat.tools).toMatchObject(more)
  })

  test('unknown fields are ignored, and prototypes are no fields', () => {
    expect(varied({ colour: 'blue' })).toEqual(parse(STORYTELLER))
    expect(() => parse(Object.create(STORYTELLER))).toThrow(/name is missing/)
    expect(parse(JSON.parse(`{"__proto__":{"x":1},${JSON.stringify(STORYTELLER).slice(1)}`))).toEqual(
      parse(STORYTELLER),
    )
  })

  test.each<[object, RegExp]>([
    [{ name: undefined }, /^model\.json: name is missing; expected a text/],
    [{ name: '' }, /name is ""/],
    [{ weights: 7 }, /weights is 7; expected a file name or a list/],
    [{ weights: [] }, /weights is \[\]/],
    [{ weights: ['a', 'a'] }, /each file once/],
    [{ weights: '../secret' }, /weights is "\.\.\/secret"; expected the name of a file in the folder/],
    [{ weights: ['https://other.test/a'] }, /expected the name of a file in the folder/],
    [{ weights: '/etc/passwd' }, /in the folder/],
    [{ vocabulary: 'vocab.txt' }, /vocabulary is "vocab\.txt"; expected an object/],
    [
      { vocabulary: { file: 'v', kind: 'sentencepiece' } },
      /vocabulary\.kind is "sentencepiece"; expected "world" or "bpe"/,
    ],
    [{ vocabulary: { kind: 'world' } }, /vocabulary\.file is missing/],
    [{ eos_token_id: undefined }, /eos_token_id is missing; expected a token id/],
    [{ eos_token_id: -1 }, /eos_token_id is -1/],
    [{ bos_token_id: '0' }, /bos_token_id is "0"/],
    [{ prompt_format: [] }, /prompt_format is \[\]; expected an object/],
    [format({ user: 'User:' }), /prompt_format\.user is "User:"; expected a text with \{text\}/],
    [format({ system: 'System:' }), /prompt_format\.system is "System:"; expected a text with \{text\}/],
    [{ sampling: { frequency_exempt: '0' } }, /sampling\.frequency_exempt is "0"; expected a list of texts/],
    [
      format({ tools: { ...tools, present: 'Tools' } }),
      /prompt_format\.tools\.present is "Tools"; expected a text with \{tools\}/,
    ],
    [format({ think: { ...think, close: '' } }), /prompt_format\.think\.close is ""; expected a text/],
    [format({ tools: { ...tools, call_end: '' } }), /prompt_format\.tools\.call_end/],
    [
      format({ tools: { ...tools, style: 'xml' } }),
      /prompt_format\.tools\.style is "xml"; expected "json" or "signatures"/,
    ],
    [
      format({ fill_in: { ...fill_in, text: '<p>{prefix}' } }),
      /prompt_format\.fill_in\.text is "<p>\{prefix\}"; expected a text with \{prefix\} and \{suffix\} in it/,
    ],
    [format({ fill_in: { ...fill_in, stop: '' } }), /prompt_format\.fill_in\.stop is ""/],
    [format({ stop: '\n\n' }), /prompt_format\.stop is .*expected a list/],
    [format({ stop: [''] }), /prompt_format\.stop/],
    [
      { sampling: { temprature: 1 } },
      /sampling\.temprature is not a sampling option; expected one of temperature, top_p/,
    ],
    [{ sampling: { topP: 1 } }, /sampling\.topP is not a sampling option/],
    [{ sampling: { top_p: '0.5' } }, /sampling\.top_p is "0\.5"; expected a number/],
    [{ sampling: { max_tokens: 1.5 } }, /sampling\.max_tokens is 1\.5; expected a whole number/],
    [{ license: null }, /license is null/],
    [{ sha256: { a: 'xyz' } }, /sha256\.a is "xyz"; expected 64 hexadecimal digits/],
  ])('%j is refused with field, found and expected', (fields, message) => {
    expect(() => varied(fields)).toThrow(
      expect.objectContaining({ code: 'model/description', message: expect.stringMatching(message) }),
    )
  })

  test('what is no object is refused', () => {
    for (const json of [null, [], 'text', 7]) {
      expect(() => parse(json)).toThrow(expect.objectContaining({ code: 'model/description' }))
    }
  })

  test('another architecture is refused by its name', () => {
    expect(() => varied({ architecture: 'rwkv-3' })).toThrow(
      expect.objectContaining({ code: 'model/unsupported-version', message: expect.stringContaining('"rwkv-3"') }),
    )
  })
})
