import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBpeTokenizer, parseBpeVocabulary } from '../../src/text/bpe-tokenizer.ts'
import { createDetokenizer, decode, decodeAll } from '../../src/text/detokenizer.ts'
import { tinyBpe } from '../tools/bpe-json.ts'

const make = (change: object = {}) => {
  const file = tinyBpe(change)
  return createBpeTokenizer(parseBpeVocabulary(file, 'tokenizer.json'), 'tokenizer.json')
}

describe('a byte-level BPE', () => {
  test('merges as its list says, lowest first', async () => {
    const tokenizer = await make()
    const [he, hel] = [258, 259]
    expect(tokenizer.encode('hehel')).toEqual([he, hel])
    expect(tokenizer.size).toBe(263)
  })

  test('decodes what it encoded, for any text in composed form', async () => {
    const tokenizer = await make()
    const law = fc.property(
      fc.string({ unit: 'binary' }).map((text) => text.normalize('NFC')),
      (text) => {
        expect(decode(tokenizer, tokenizer.encode(text))).toBe(text)
      },
    )
    fc.assert(law)
  })

  test('gives the bytes of a character that comes in several tokens when it is whole', async () => {
    const tokenizer = await make()
    const detokenizer = createDetokenizer(tokenizer)
    const pieces = tokenizer.encode('🤗').map((id) => detokenizer.push(id))
    expect(pieces).toEqual(['', '', '', '🤗'])
  })

  test('special tokens have an id and no text; added ones are their text', async () => {
    const tokenizer = await make()
    expect(tokenizer.encode('h<|endoftext|>    h')).toEqual([
      tokenizer.encode('h')[0],
      0,
      262,
      tokenizer.encode('h')[0],
    ])
    expect([tokenizer.has(0), tokenizer.has(262)]).toEqual([false, true])
    expect(decode(tokenizer, [0, 262])).toBe('    ')
  })

  test('a special token is its spelling where ids are taken back, and text where a text may not hold it', async () => {
    const tokenizer = await make()
    const text = 'he<|endoftext|>h<|padding|>'
    expect(decodeAll(tokenizer, tokenizer.encode(text))).toBe(text)
    const spelled = tokenizer.encode(text, () => false)
    expect(spelled).not.toContain(0)
    expect(decode(tokenizer, spelled)).toBe(text)
  })

  test('any text comes back from its ids, with special tokens and without', async () => {
    const tokenizer = await make()
    const part = fc.oneof(
      fc.constantFrom('<|endoftext|>', '<|padding|>', '<|', '|>', 'hel'),
      fc.string({ unit: 'binary' }),
    )
    const law = fc.property(fc.array(part), (parts) => {
      const text = parts.join('').normalize('NFC')
      expect(decodeAll(tokenizer, tokenizer.encode(text))).toBe(text)
      expect(
        decode(
          tokenizer,
          tokenizer.encode(text, () => false),
        ),
      ).toBe(text)
    })
    fc.assert(law)
  })

  /**
   * Ids by the library these models were trained with: `tokenizers` 0.23.3 for Python, on this very file; the last column
   * with `encode_special_tokens`. It has the merges of a space with the first byte of U+FEFF and of U+0085.
   */
  test.each<[string, number[], number[]?]>([
    ['he \ufeff he', [258, 263, 189, 193, 34, 258]],
    ['he \u0085 he', [258, 264, 135, 34, 258]],
    ['h \ufeffhe', [106, 263, 189, 193, 258]],
    ['h \u0085he', [106, 34, 196, 135, 258]],
    [' \ufeff\ufeffh', [263, 189, 193, 241, 189, 193, 106]],
    ['\u0085\u0085 he', [196, 135, 196, 135, 34, 258]],
    ['x \u3000\ufeff h', [122, 34, 229, 130, 130, 241, 189, 193, 260]],
    ['h \u001c he', [106, 34, 30, 34, 258]],
    ['\u200b \u2028 he', [228, 130, 141, 34, 228, 130, 170, 34, 258]],
    ['h\u180e  he', [106, 227, 162, 144, 34, 34, 258]],
    ['h<|endoftext|>he', [106, 0, 258], [106, 62, 126, 103, 112, 102, 113, 104, 118, 103, 122, 118, 126, 64, 258]],
  ])('%j is encoded as by the library of the training', async (text, ids, spelled = ids) => {
    const { vocab, merges, ...rest } = JSON.parse(tinyBpe()).model
    const more = { vocab: { ...vocab, Ġï: 263, ĠÂ: 264 }, merges: [...merges, 'Ġ ï', 'Ġ Â'] }
    const tokenizer = await make({ model: { ...rest, ...more } })
    expect(tokenizer.encode(text)).toEqual(ids)
    expect(tokenizer.encode(text, () => false)).toEqual(spelled)
  })

  test('tokens named like properties of objects are plain tokens', async () => {
    const vocab = JSON.parse(tinyBpe()).model.vocab
    const tokens = Object.entries(vocab).map(([token, id]) => `${JSON.stringify(token)}:${id}`)
    const text = tinyBpe().replace(/"vocab":\{.*?\},"merges"/s, `"vocab":{${tokens.join()},"__proto__":263},"merges"`)
    const { bytes } = parseBpeVocabulary(text, 't')
    expect(new TextDecoder().decode(bytes[263])).toBe('__proto__')
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

const model = (fields: object) => ({ model: { ...JSON.parse(tinyBpe()).model, ...fields } })

describe('a tokenizer.json is refused, with a sentence,', () => {
  test.each<[string, string]>([
    ['that is no JSON', 'x'],
    ['that is a list', '[]'],
    ['of another model', tinyBpe(model({ type: 'Unigram' }))],
    [
      'whose pattern would hang',
      tinyBpe({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' } }),
    ],
    [
      'whose normalizer has a pattern',
      tinyBpe({ normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } }),
    ],
    ['whose decoder is another', tinyBpe({ decoder: { type: 'Metaspace' } })],
    ['without a vocabulary', tinyBpe(model({ vocab: undefined }))],
    ['without merges', tinyBpe(model({ merges: undefined }))],
    ['with a merge of three', tinyBpe(model({ merges: ['a b c'] }))],
    ['with a gap in its ids', tinyBpe(model({ vocab: { a: 0, b: 2 } }))],
    ['with an id twice', tinyBpe(model({ vocab: { a: 0, b: 0 } }))],
    ['with a negative id', tinyBpe(model({ vocab: { a: -1 } }))],
    ['with an id of 2^31', tinyBpe(model({ vocab: { a: 2 ** 31 } }))],
    ['with a token of 10 MB', tinyBpe(model({ vocab: { ['a'.repeat(1e7)]: 0 } }))],
    ['with an added token of 10 MB', tinyBpe({ added_tokens: [{ id: 263, content: 'a'.repeat(1e7) }] })],
    [
      'with a special token that takes the spaces before it',
      tinyBpe({ added_tokens: [{ id: 263, special: true, content: '<mask>', lstrip: true }] }),
    ],
    ['with added tokens that are none', tinyBpe({ added_tokens: [null] })],
  ])('%s', (_, text) => {
    expect(() => parseBpeVocabulary(text, 'tokenizer.json')).toThrow(
      expect.objectContaining({
        code: 'text/vocabulary',
        message: expect.stringMatching(/^tokenizer\.json .{20,500}\.$/),
      }),
    )
  })
})
