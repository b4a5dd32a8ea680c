/**
 * @file What formats cost is bounded, by counts of steps: no slice is long, however hostile the format, and what takes too
 * many is refused by name. What these are in milliseconds: `npm run format-cost`.
 */

import { describe, expect, test } from 'vitest'
import type { ReplyFormat } from '../../src/core/protocol.ts'
import { finish, inSlices } from '../../src/core/slices.ts'
import { compileFormat, createFormat } from '../../src/grammar/compile.ts'
import { MOST_STATE_STEPS, meterOfFormat, SLICE_STEPS } from '../../src/grammar/cost.ts'
import { parseRegex } from '../../src/grammar/regex.ts'
import { sortInSlices, sortTokens } from '../../src/grammar/tokens.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { createGuides } from '../../src/session/guides.ts'
import { accepts, formatOf, rulesOf } from '../tools/accepts.ts'
import { costlyFormats, prepared, watched } from '../tools/costly-formats.ts'
import { noiseTokenizer } from '../tools/random-reply.ts'

const { size: V, bytesOf } = noiseTokenizer
const tokens = sortTokens(V, bytesOf)
const guides = createGuides({ V, eosTokenId: 0, tokenizer: () => noiseTokenizer })
const sampling = (format: ReplyFormat) => ({ ...defaultSampling, format })

/** A fifth of them, of each kind another size; `cost.verify.test.ts` has all. */
const some = costlyFormats.filter((_, i) => i % 7 === 0)

test.each(some)('$name: its slices are short, and it is ready or refused by name', ({ format }) => {
  const { longest, error } = prepared(format)
  if (error) expect(error).toMatchObject({ name: 'RwkvError', code: 'option/invalid' })
  expect(longest).toBeLessThan(SLICE_STEPS + 5 * MOST_STATE_STEPS)
})

describe('what simply is long', () => {
  const beginning = 'the same beginning of all of them '.repeat(4)
  const names = Array.from({ length: 20_000 }, (_, i) => `${beginning}${i * 7919}`)

  test('an enum of 20,000 names that begin alike is ready in some steps a name', () => {
    const meter = meterOfFormat()
    const rules = finish(compileFormat({ type: 'json-schema', schema: { enum: names } }, meter))
    const guide = finish(createFormat(rules, tokens, 0, meter)).start()
    expect(meter.steps).toBeLessThan(2 * names.length)
    expect(names.filter((name) => !accepts(rules, `"${name}"`))).toEqual([])
    expect(accepts(rules, `"${beginning}"`)).toBe(false)
    expect(finish(guide.mask(400)).choices).toBe(1) // the quote
  })

  test.each<[string, ReplyFormat, string]>([
    ['const', { type: 'json-schema', schema: { const: 'x'.repeat(20_000) } }, JSON.stringify('x'.repeat(20_000))],
    ['literal', { type: 'grammar', grammar: `root ::= "${'x'.repeat(20_000)}"` }, 'x'.repeat(20_000)],
    ['pattern', { type: 'regex', pattern: 'x'.repeat(20_000) }, 'x'.repeat(20_000)],
    [
      'enum of beginnings',
      { type: 'json-schema', schema: { enum: Array.from({ length: 3000 }, (_, i) => 'a'.repeat(i)) } },
      `"${'a'.repeat(2999)}"`,
    ],
    [
      'name',
      { type: 'json-schema', schema: { properties: { ['n'.repeat(20_000)]: { const: 1 } } } },
      `{"${'n'.repeat(20_000)}":1}`,
    ],
    [
      'nest of objects',
      { type: 'json-schema', schema: JSON.parse(`${'{"items":'.repeat(900)}{"const":1}${'}'.repeat(900)}`) as object },
      `${'['.repeat(900)}1${']'.repeat(900)}`,
    ],
  ])('a long %s is written', (_, format, text) => {
    expect([accepts(rulesOf(format), text), accepts(rulesOf(format), text.slice(0, -1))]).toEqual([true, false])
  })
})

describe('what goes too far is refused by name', () => {
  const deep = (depth: number) => JSON.parse(`${'{"items":'.repeat(depth)}{}${'}'.repeat(depth)}`) as object
  const circle: Record<string, unknown> = { type: 'object' }
  circle.properties = { a: circle }
  let doubled: object = {}
  for (let i = 0; i < 40; i++) doubled = { properties: { a: doubled, b: doubled } }

  test.each<[string, ReplyFormat, string]>([
    ['a deep schema', { type: 'json-schema', schema: deep(5000) }, 'more than 1000 levels'],
    ['a circle', { type: 'json-schema', schema: circle }, 'more than 1000 levels'],
    ['a schema that doubles', { type: 'json-schema', schema: doubled }, 'more than 200000 values'],
    ['a function', { type: 'json-schema', schema: { type: () => 1 } }, 'holds a function'],
    ['a bigint', { type: 'json-schema', schema: { minimum: 1n } }, 'holds 1'],
    ['a deep allOf', { type: 'json-schema', schema: { allOf: [deepAllOf(400)] } }, 'more than 100 allOf'],
    ['deep groups', { type: 'grammar', grammar: `root ::= ${'('.repeat(50_000)}` }, 'more than 200 deep'],
    ['deep groups', { type: 'regex', pattern: `${'('.repeat(40_000)}${')'.repeat(40_000)}` }, 'cannot be kept to'],
    ['a long pattern', { type: 'regex', pattern: 'a'.repeat(100_001) }, 'at most 100000 are read'],
    ['a long grammar', { type: 'grammar', grammar: `root ::= ${' '.repeat(500_000)}` }, 'at most 500000 are read'],
  ])('%s', async (_, format, words) => {
    const refusal = { code: 'option/invalid', message: expect.stringContaining(words) }
    await expect(guides(sampling(format))).rejects.toMatchObject(refusal)
  })
})

test('a vocabulary of 65,536 tokens is sorted in slices, by their bytes', () => {
  const bytesOf = (id: number) => Uint8Array.of((id * 7919) & 255, (id * 31) >> 8, id & 255)
  const work = sortInSlices(65_536, bytesOf)
  let slices = 1
  let step = work.next()
  for (; !step.done; step = work.next()) slices++
  expect(slices).toBeGreaterThan(15)
  const { ids, places } = step.value
  expect(new Set(ids).size).toBe(65_536)
  const inOrder = (place: number) => {
    const [a, b] = [ids[place - 1] as number, ids[place] as number]
    return (Buffer.compare(bytesOf(a), bytesOf(b)) || a - b) < 0 && places[b] === place
  }
  expect(
    Array.from(ids.keys())
      .slice(1)
      .filter((place) => !inOrder(place)),
  ).toEqual([])
})

describe('an abort', () => {
  const costly: ReplyFormat = { type: 'json-schema', schema: { pattern: '^(?:[ab]*a[ab]{11})$', minLength: 3 } }

  test('comes through after the slice at hand, while a format is made ready', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const { meter } = watched(meterOfFormat())
    let abortedAt = 0
    setImmediate(() => {
      abortedAt = meter.steps
      controller.abort(reason)
    })
    await expect(inSlices(compileFormat(costly, meter), controller.signal)).rejects.toBe(reason)
    expect(abortedAt).toBeGreaterThan(0)
    expect(meter.steps - abortedAt).toBeLessThan(2 * (SLICE_STEPS + MOST_STATE_STEPS))
  })

  test('reaches a format that is asked for, which is ready for the next', async () => {
    const controller = new AbortController()
    const made = guides(sampling(costly), controller.signal)
    setImmediate(() => controller.abort())
    await expect(made).rejects.toMatchObject({ name: 'AbortError' })
    expect((await guides(sampling(costly)))?.isWhole).toBe(false)
  })
})

test('a reply goes on when what was found out about its format is forgotten, and nothing else changes', () => {
  const rules = parseRegex('(?:[ab]{1,9}[cd]|[a-f日😀]){0,3000}')
  const [kept, forgetful] = [formatOf(rules, tokens, 0), formatOf(rules, tokens, 0, 300_000)]
  const replies = [kept.start(), forgetful.start(), forgetful.start()]
  let forgotten = 0
  let random = 1
  for (let i = 0; i < 100; i++) {
    const before = forgetful.byteLength
    const [bits, ...others] = replies.map((reply) => finish(reply.mask(1e6)).bits)
    expect(others).toEqual([bits, bits])
    if (forgetful.byteLength < before) forgotten += 1
    const choices = Array.from({ length: V }, (_, id) => id).filter(
      (id) => id !== 0 && ((bits?.[id >>> 5] ?? 0) >>> (id & 31)) & 1,
    )
    random = (random * 16_807) % 2_147_483_647
    for (const reply of replies) reply.accept(choices[random % choices.length] as number)
  }
  expect(forgotten).toBeGreaterThan(1)
  expect(forgetful.byteLength).toBeLessThan(kept.byteLength)
})

function deepAllOf(depth: number): object {
  let all: object = { type: 'string' }
  for (let i = 0; i < depth; i++) all = { allOf: [all] }
  return all
}
