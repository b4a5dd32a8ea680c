import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../src/core/slices.ts'
import { parseRegex } from '../../src/grammar/regex.ts'
import { sortTokens } from '../../src/grammar/tokens.ts'
import { accepts, formatOf } from '../tools/accepts.ts'
import { createNoise, noiseTokenizer } from '../tools/random-reply.ts'

const EOS = 0
const { size: V, bytesOf } = noiseTokenizer
const tokens = sortTokens(V, bytesOf)
const noise = createNoise()

const idsOf = (bits: Uint32Array) =>
  Array.from({ length: V }, (_, id) => id).filter((id) => (bits[id >>> 5] >>> (id & 31)) & 1)
const idOf = (...bytes: number[]) =>
  Array.from({ length: V }, (_, id) => id).find((id) => bytesOf(id).join() === bytes.join()) as number

describe('a mask', () => {
  test('holds a token exactly if something whole can come of it, however deep in a text', () => {
    const letters = ['a', 'é', '日', '本', '😀"', '{"']
    const texts = letters.flatMap((x) => [
      x,
      ...letters.flatMap((y) => ['', 'cab', '語', '\n\n'].map((z) => x + y + z)),
    ])
    const format = formatOf(parseRegex('(?:[aé日本]|😀"|\\{"){2}(?:cab|語|\\n\\n)?|[aé日本]|😀"|\\{"'), tokens, EOS)
    const whole = texts.map((text) => Buffer.from(text).toString('latin1'))
    const words = Array.from({ length: V }, (_, id) => Buffer.from(bytesOf(id)).toString('latin1'))
    let most = 0
    const law = fc.property(fc.array(fc.nat(), { maxLength: 12 }), (draws) => {
      const guide = format.start()
      let said = ''
      for (const draw of draws) {
        const { bits, choices } = finish(guide.mask(1000))
        const rests = whole.filter((text) => text.startsWith(said)).map((text) => text.slice(said.length))
        const possible = [...words.keys()].filter(
          (id) => id !== EOS && rests.some((rest) => rest.startsWith(words[id])),
        )
        const isWhole = whole.includes(said)
        expect(idsOf(bits)).toEqual([...(isWhole ? [EOS] : []), ...possible])
        expect([choices, guide.isWhole, guide.isOver]).toEqual([possible.length, isWhole, possible.length === 0])
        most = Math.max(most, said.length)
        const id = possible[draw % possible.length]
        if (id === undefined) return
        guide.accept(id)
        said += words[id]
      }
    })
    fc.assert(law, { numRuns: 60 })
    expect(most).toBeGreaterThan(8)
  })

  test('is found once for each state', () => {
    const format = formatOf(parseRegex('[a-z]*'), tokens, EOS)
    const [one, other] = [format.start(), format.start()]
    const { bits } = finish(one.mask(9))
    one.accept(idOf(0x61))
    expect(finish(one.mask(9)).bits).toBe(bits)
    expect(finish(other.mask(9)).bits).toBe(bits)
  })
})

describe('bytes that are not UTF-8', () => {
  test('come together to characters, whatever the tokens cut them into', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const { summary } = await noise({
        format: { type: 'regex', pattern: '[^\\n]{5,30}' },
        seed,
        sampling: { maxTokens: 130 },
      })
      const bytes = Buffer.concat(summary.ids.map(bytesOf))
      expect(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).toBe(summary.text)
      expect(summary.text).toMatch(/^[^\n]{5,30}$/u)
      expect(summary.finishReason).toBe('stop')
    }
  })

  test('neither overlong forms nor surrogates nor what is beyond the last character', () => {
    const any = parseRegex('[^]*')
    for (const bytes of [
      [0xc0, 0x80],
      [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80],
      [0x80],
      [0xff],
    ])
      expect(accepts(any, Uint8Array.from(bytes))).toBe(false)
    for (const text of ['\0', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'])
      expect(accepts(any, text)).toBe(true)
  })
})

describe('a reply in a format', () => {
  test('feeds the prompt, its ids and the end of the turn, as any other', async () => {
    const { summary, state } = await noise({ format: { type: 'regex', pattern: 'a{3}' }, seed: 3 })
    expect(summary).toMatchObject({ text: 'aaa', finishReason: 'stop' })
    expect(state).toEqual([1, ...summary.ids, ...noiseTokenizer.encode('\n\n')])
  })

  test('may hold the texts that end chats, and ends at those of its own', async () => {
    const format = { type: 'regex', pattern: 'a\\n\\nb' } as const
    expect((await noise({ format, seed: 1 })).summary.text).toBe('a\n\nb')
    expect((await noise({ format, seed: 1, sampling: { stop: ['\n'] } })).summary).toMatchObject({
      text: 'a',
      finishReason: 'stop',
    })
  })

  test('goes on to minTokens if the format lets it, and not beyond its end', async () => {
    const likesToEnd = new Map([[EOS, 50]])
    const sampling = { minTokens: 9, maxTokens: 30 }
    const open = await noise({ format: { type: 'regex', pattern: 'a*' }, seed: 1, sampling, liking: likesToEnd })
    expect([open.summary.ids.length, open.summary.finishReason]).toEqual([9, 'stop'])
    const closed = await noise({ format: { type: 'regex', pattern: 'a?' }, seed: 1, sampling, liking: likesToEnd })
    expect(closed.summary).toMatchObject({ text: 'a', finishReason: 'stop' })
  })

  test('is cut at maxTokens where no whole text is that short, and says so', async () => {
    const { summary } = await noise({
      format: { type: 'regex', pattern: '日{20}' },
      seed: 1,
      sampling: { maxTokens: 4 },
    })
    expect(summary.finishReason).toBe('length')
    expect(summary.ids.length).toBe(4)
  })

  test('keeps to allowed and banned ids, and is refused where they leave no way through it', async () => {
    const format = { type: 'regex', pattern: '(?:é|[a-c]){4}' } as const
    const allowedIds = [idOf(0x61), idOf(0x62)]
    for (let seed = 0; seed < 10; seed++)
      expect((await noise({ format, seed, sampling: { allowedIds } })).summary.text).toMatch(/^[ab]{4}$/)
    const bannedIds = [idOf(0xc3), idOf(0x61)]
    expect((await noise({ format, seed: 1, sampling: { bannedIds } })).summary.text).not.toMatch(/a{3}/)
    const refusal = { code: 'option/invalid', message: expect.stringContaining('allows nothing') }
    await expect(noise({ format, seed: 1, sampling: { allowedIds: [idOf(0x64)] } })).rejects.toMatchObject(refusal)
  })
})
