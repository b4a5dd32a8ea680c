import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextTask } from '../../src/core/next-task.ts'
import type { SaidToken, SamplingOptions } from '../../src/core/protocol.ts'
import type { Feeder } from '../../src/feeder/feed.ts'
import { lastDrawnOf } from '../../src/forward/step-buffer.ts'
import { createConstraint } from '../../src/sample/constraint.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { generate } from '../../src/session/generate.ts'
import { createRestorePoints } from '../../src/session/restore-points.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { vocabularyText } from '../tools/vocabulary-text.ts'

const END = '\n\n'
const EOS = 0
const PROMPT = [86, 116, 102, 115, 59] // not looked at: any ids will do

/** A reply to be said by a model that knows its words by heart. */
interface Script {
  /** Tokens of the reply, each of them one token of the vocabulary; the end of text follows. */
  readonly pieces: readonly (string | Uint8Array)[]
  readonly stop?: readonly string[]
  readonly stopBehindSpace?: readonly string[]
  /** Ids of it that were said before. */
  readonly prefix?: readonly number[]
  readonly maxTokens?: number
  readonly sampling?: Partial<SamplingOptions>
  /** Logit of the id that the model would like to say; others have 0. */
  readonly certainty?: number
  /** Abort while this call of `feed` or `draw` (the prompt's steps are 0 …) runs. */
  readonly abortAt?: number
  /** Draw as the GPU does, with so many draws under way; 0: by the sampler. */
  readonly ahead?: number
  /** Of draws: nothing is heard until all that may be are under way, and then of all of them at once. */
  readonly atOnce?: boolean
  /** Whoever reads the reply aborts it at this piece (from 1). */
  readonly enough?: number
  /** Whether there are slots to copy the state to. */
  readonly spares?: readonly number[]
}

/** Say the script, and tell what became of the state. */
async function say({ pieces, stop = [END], maxTokens = 100, sampling, certainty = 50, abortAt = -1, ...how }: Script) {
  const { prefix = [], stopBehindSpace = [], ahead = 0, atOnce = false, enough, spares = [20, 30] } = how
  const bytesOfPieces = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)))
  const longer = new Map(
    bytesOfPieces.filter(({ length }) => length > 1).map((bytes) => [bytes.toString('hex'), bytes]),
  )
  const tokenizer = createWorldTokenizer(parseWorldVocabulary(vocabularyText([...longer.values()]), 'test'))
  const idOf = (bytes: Buffer) =>
    bytes.length === 1 ? bytes[0] + 1 : 257 + [...longer.keys()].indexOf(bytes.toString('hex'))
  const script = bytesOfPieces.map(idOf)

  // The state is the ids that were fed to it. A restored state gives no useful logits, as in the real model.
  let state: number[] = []
  const copies = new Map<number, number[]>()
  let calls = 0
  const controller = new AbortController()
  const step = (ids: readonly number[], keepIn?: number) => {
    if (keepIn !== undefined) copies.set(keepIn, [...state])
    state.push(...ids)
    if (calls++ === abortAt) controller.abort(new Error('enough'))
    return script[state.length - PROMPT.length] ?? EOS
  }
  const logitsAfter = (next: number) =>
    Float32Array.from({ length: tokenizer.size }, (_, id) => (id === next ? certainty : 0))
  let lastDrawn = -1
  let draws = 0
  let underWay = 0
  let tellAll = () => {}
  const allUnderWay = new Promise<void>((resolve) => {
    tellAll = resolve
  })
  const feeder: Feeder = {
    async feed(batch, { signal, onStep } = {}) {
      const [{ ids, keepIn }] = batch
      expect(batch).toEqual([{ slot: 7, ids, ...(keepIn !== undefined && { keepIn }) }])
      expect(ids.length).toBeGreaterThan(0)
      let logits = new Float32Array(0)
      for (let from = 0; from < ids.length; from += 2) {
        signal?.throwIfAborted()
        await null
        logits = logitsAfter(step(ids.slice(from, from + 2), from === 0 ? keepIn : undefined))
        onStep?.(Math.min(from + 2, ids.length))
      }
      return [logits]
    },
    feedAll: () => Promise.reject(new Error('not used')),
    ahead,
    async draw({ slot, ids, keepIn, reply, index }, { signal } = {}) {
      await null
      signal?.throwIfAborted()
      expect([slot, reply, index]).toEqual([7, 5, draws++])
      expect(++underWay).toBeLessThanOrEqual(ahead)
      const drawn = step(
        ids.map((id) => (id === lastDrawnOf(5) ? lastDrawn : id)),
        keepIn,
      )
      lastDrawn = drawn
      if (underWay === ahead) tellAll()
      const heard = (atOnce ? allUnderWay : nextTask()).then(() => {
        underWay -= 1
        return drawn
      })
      return { id: heard }
    },
  }

  const shown: string[] = []
  const told: SaidToken[] = []
  let time = 0
  const options = { ...defaultSampling, temperature: 0, maxTokens, seed: 1, ...sampling }
  let read = 0 // ids of the prompt: all but the last, as a session reads them
  const onStep = (fed: number) => {
    read = fed
  }
  const { signal } = controller
  await feeder.feed([{ slot: 7, ids: PROMPT.slice(0, -1) }], { signal, onStep }).catch(() => {})
  const { summary, all, inState } = await generate({
    feeder,
    tokenizer,
    sampler: createCpuSampler(tokenizer.size, []),
    slot: 7,
    place: ahead > 0 ? 5 : undefined,
    promptIds: PROMPT.slice(read),
    prefix,
    sampling: options,
    constraint: createConstraint(
      { V: tokenizer.size, eosTokenId: EOS, isText: tokenizer.has, encode: tokenizer.encode },
      options,
    ),
    hasParagraphs: false,
    onThoughts: () => {},
    stop,
    stopBehindSpace,
    end: END,
    eosTokenId: EOS,
    stream: 0,
    points: createRestorePoints(spares, {
      restoreSlot: (slot) => {
        state = [...(copies.get(slot) as number[])]
      },
      restoreStart: () => {
        state = PROMPT.slice(0, read)
      },
    }),
    emit: (piece) => {
      if (piece === '') return // as a reply does
      if (shown.push(piece) === enough) afterMicrotasks(5).then(() => controller.abort(new Error('enough')))
    },
    onToken(token) {
      told.push(token)
      expect(shown.join('')).toContain(textOf(told))
    },
    signal,
    now: () => ++time,
  })
  expect(getEventListeners(signal, 'abort')).toEqual([]) // a signal may be used for many replies
  expect([...PROMPT.slice(0, read), ...all.slice(0, inState)]).toEqual(state) // what others may be given this state for
  const promptTokens = read + summary.promptTokens
  return {
    summary: { ...summary, promptTokens },
    pending: all.slice(inState),
    state,
    shown,
    told,
    script,
    encode: tokenizer.encode,
  }
}

/** Later than whoever awaits an iterator over pieces, in the same task. */
async function afterMicrotasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await null
}

const textOf = (tokens: readonly SaidToken[]) => tokens.map(({ text }) => text).join('')

const bytes = (...values: number[]) => Uint8Array.from(values)
const READY_AT = Math.ceil(PROMPT.length / 2) // the first call of feed that is not the prompt's

describe('generate', () => {
  test('the end of text ends the reply, and the end of the turn is fed in its place', async () => {
    const { summary, pending, state, script, encode } = await say({ pieces: ['Once', ' upon', ' a', ' time.'] })
    expect(summary).toMatchObject({ text: 'Once upon a time.', ids: script, finishReason: 'stop', promptTokens: 5 })
    expect(state).toEqual([...PROMPT, ...script, ...encode(END)])
    expect(pending).toEqual([])
  })

  test('maxTokens cuts the reply, and the turn is closed all the same', async () => {
    const { summary, state, script, encode } = await say({ pieces: ['a', 'b', 'c', 'd'], maxTokens: 3 })
    expect(summary).toMatchObject({ text: 'abc', finishReason: 'length', ids: script.slice(0, 3) })
    expect(state).toEqual([...PROMPT, ...script.slice(0, 3), ...encode(END)])
  })

  test('a stop text over two tokens: the state has not seen its first half twice', async () => {
    const { summary, state, shown, script, encode } = await say({ pieces: ['Hi.', '\n', '\n', 'User'] })
    expect(summary).toMatchObject({ text: 'Hi.', ids: script.slice(0, 1), finishReason: 'stop' })
    expect(shown.join('')).toBe('Hi.')
    expect(state).toEqual([...PROMPT, script[0], ...encode(END)])
  })

  test('a stop text in the middle of a token: what the token says before it joins the end of the turn', async () => {
    const { summary, state, script, encode } = await say({ pieces: ['Hi', ' you.\n\nUser'] })
    expect(summary).toMatchObject({ text: 'Hi you.', ids: script.slice(0, 1), finishReason: 'stop' })
    expect(state).toEqual([...PROMPT, script[0], ...encode(` you.${END}`)])
  })

  test('a stop text that begins in one token and ends in the next', async () => {
    const { summary, state, script, encode } = await say({ pieces: ['Hi', ' you.\n', '\nUser'] })
    expect(summary).toMatchObject({ text: 'Hi you.', ids: script.slice(0, 1) })
    expect(state).toEqual([...PROMPT, script[0], ...encode(` you.${END}`)])
  })

  test('a line end that turns out to be harmless stays in the state', async () => {
    const { summary, shown, state, script, encode } = await say({ pieces: ['a', '\n', 'b', '\n'] })
    expect(summary.text).toBe('a\nb\n')
    expect(shown).toEqual(['a', '\nb', '\n'])
    expect(state).toEqual([...PROMPT, ...script, ...encode(END)])
  })

  test('a character cut by the stop is fed once, whole', async () => {
    // é in two tokens, the second of which also has the stop text, or its first half
    for (const last of [[bytes(0xa9, 10, 10)], [bytes(0xa9, 10), '\n'], [bytes(0xa9, 10), '\nUser']]) {
      const { summary, state, script, encode } = await say({ pieces: ['x', bytes(0xc3), ...last] })
      expect(summary).toMatchObject({ text: 'xé', ids: script.slice(0, 1) })
      expect(state).toEqual([...PROMPT, script[0], ...encode(`é${END}`)])
    }
  })

  test('a stop text of characters that come in several tokens', async () => {
    const { summary, state, script, encode } = await say({ pieces: ['x', bytes(0xc3), bytes(0xa9)], stop: ['é'] })
    expect(summary).toMatchObject({ text: 'x', ids: script.slice(0, 1), finishReason: 'stop' })
    expect(state).toEqual([...PROMPT, script[0], ...encode(END)])
  })

  test('half a character at the end of a reply is shown as U+FFFD, and its id stays said', async () => {
    const { summary, shown, state, script, encode } = await say({ pieces: ['x', bytes(0xc3)] })
    expect(summary).toMatchObject({ text: 'x\ufffd', ids: script })
    expect(shown).toEqual(['x', '\ufffd'])
    expect(state).toEqual([...PROMPT, ...script, ...encode(END)])
  })

  test('a stop at once leaves an empty reply', async () => {
    const { summary, state, encode } = await say({ pieces: ['\n\nUser'] })
    expect(summary).toMatchObject({ text: '', ids: [], finishReason: 'stop', tokensPerSecond: 0 })
    expect(state).toEqual([...PROMPT, ...encode(END)])
  })

  test('an abort during the prompt leaves the rest of it pending, and the end of the turn behind it', async () => {
    for (let abortAt = 0; abortAt < READY_AT - 1; abortAt++) {
      const { summary, pending, state, encode } = await say({ pieces: ['a'], abortAt })
      const fed = 2 * (abortAt + 1)
      expect(summary).toMatchObject({ text: '', ids: [], finishReason: 'abort', promptTokens: fed })
      expect(state).toEqual(PROMPT.slice(0, fed))
      expect(pending).toEqual([...PROMPT.slice(fed), ...encode(END)])
    }
  })

  test('an aborted prompt counts its time as that of the prompt', async () => {
    const { summary } = await say({ pieces: ['a'], abortAt: 0 })
    expect(summary.promptMs).toBeGreaterThan(0)
    expect(summary.generateMs).toBe(0)
  })

  test('an abort during the reply keeps what was said, and closes the turn', async () => {
    for (let said = 0; said <= 3; said++) {
      const { summary, pending, state, script, encode } = await say({
        pieces: ['a', '\n', 'b', 'c', 'd'],
        abortAt: READY_AT - 1 + said,
      })
      expect(summary).toMatchObject({ text: 'a\nb'.slice(0, said), ids: script.slice(0, said), finishReason: 'abort' })
      expect(state).toEqual([...PROMPT, ...script.slice(0, said), ...encode(END)])
      expect(pending).toEqual([])
    }
  })

  test('a token is told of as soon as no stop text can take it back, and never if one does', async () => {
    const { told, shown } = await say({ pieces: ['a', '\n', 'b', '\n', '\n'] })
    expect(told.map(({ text }) => text)).toEqual(['a', '\n', 'b'])
    expect(shown.join('')).toBe('a\nb')
  })

  test('the texts of tokens add up to what is said: characters in several of them, half ones, those that a stop cuts', async () => {
    const cases: [readonly (string | Uint8Array)[], readonly string[]][] = [
      [
        ['x', bytes(0xc3), bytes(0xa9), 'y'],
        ['x', '', 'é', 'y'],
      ],
      [
        ['x', bytes(0xe2, 0x82)],
        ['x', '\ufffd'],
      ],
      [
        ['x', bytes(0xe2), bytes(0x82)],
        ['x', '', '\ufffd'],
      ],
      [
        ['Hi', ' you.\n\nUser'],
        ['Hi', ' you.'],
      ],
      [
        ['Hi', ' you.\n', '\nUser'],
        ['Hi', ' you.'],
      ],
      [
        ['x', bytes(0xc3), bytes(0xa9, 10), '\n'],
        ['x', '', 'é'],
      ],
      [['\n\nUser'], []],
    ]
    for (const [pieces, texts] of cases) {
      const { told, summary } = await say({ pieces, sampling: { logprobs: 0 } })
      expect(told.map(({ text }) => text)).toEqual(texts)
      expect(summary.tokens).toEqual(told)
      expect(summary.text).toBe(texts.join(''))
    }
  })

  test("a stop text of the caller does not begin in the white space behind the colon, the format's does", async () => {
    const stopBehindSpace = [' ', '\n', 'o']
    const said = async (pieces: readonly string[]) => (await say({ pieces, stopBehindSpace })).summary
    expect(await said([' ', '\n', 'Hi you'])).toMatchObject({ text: ' \nHi', finishReason: 'stop' })
    expect(await said([' Hello'])).toMatchObject({ text: ' Hell', finishReason: 'stop' })
    expect(await said(['\n', '\n', 'Hi'])).toMatchObject({ text: '', finishReason: 'stop' })
    expect(await said([' ', ' '])).toMatchObject({ text: '  ', ids: [33, 33] })
  })

  test('log probabilities are those of the model, whatever options, best alternatives first', async () => {
    const options = { logprobs: 2, frequencyPenalty: 3, logitBias: [{ token: 'q', bias: 1 }], temperature: 0.1 }
    const { summary, told, script } = await say({ pieces: ['x', 'y'], certainty: 4, sampling: options })
    expect(summary.tokens).toEqual(told)
    expect(told.map(({ id, text }) => [id, text])).toEqual([
      [script[0], 'x'],
      [script[1], 'y'],
    ])
    const total = Math.log(Math.exp(4) + 256)
    for (const { id, logprob, alternatives } of told) {
      expect(logprob).toBeCloseTo(4 - total, 9)
      expect(alternatives?.map((choice) => choice.id)).toEqual([id, 0])
      expect(alternatives?.[1]?.logprob).toBeCloseTo(-total, 9)
    }
    const plain = await say({ pieces: ['x'], sampling: { logprobs: 0 } })
    expect(plain.told[0]).toMatchObject({ text: 'x', alternatives: [] })
    const without = await say({ pieces: ['x'] })
    expect([without.summary.tokens, without.told[0]]).toEqual([undefined, { index: 0, id: script[0], text: 'x' }])
  })

  test('minTokens: neither the end of the text nor a stop text comes before, and both may come then', async () => {
    for (let minTokens = 0; minTokens <= 6; minTokens++) {
      const { summary, shown } = await say({ pieces: ['a', '\n', '\n'], sampling: { minTokens }, maxTokens: 20 })
      // The end comes at 2 ids; what is said in its place is another id, the lowest of equally probable ones.
      expect(summary.ids.length).toBeGreaterThanOrEqual(minTokens < 3 ? 1 : minTokens)
      expect(shown.join('')).toBe(summary.text)
      expect(summary.text).not.toContain('\n\n')
      expect(summary.finishReason).toBe('stop')
      if (minTokens >= 3) expect(summary.text.startsWith('a\n')).toBe(true)
    }
  })

  test('minTokens draws fairly among what is left', async () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 400; seed++) {
      const { summary } = await say({
        pieces: ['b'],
        stop: ['a', 'b'],
        certainty: 0,
        maxTokens: 1,
        sampling: {
          seed,
          temperature: 1,
          topP: 1,
          minTokens: 1,
          allowedIds: [...'abcde'].map((x) => x.charCodeAt(0) + 1),
        },
      })
      counts.set(summary.text, (counts.get(summary.text) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['c', 'd', 'e'])
    for (const count of counts.values()) expect(count).toBeGreaterThan(95)
  })

  test('minTokens yields where everything that may be drawn would end the reply', async () => {
    const { summary } = await say({ pieces: ['a'], stop: ['a'], sampling: { minTokens: 5, allowedIds: [98] } })
    expect(summary).toMatchObject({ text: '', ids: [], finishReason: 'stop' })
  })

  test('with draws under way: what was fed beyond the end is taken back, wherever the end is', async () => {
    for (const ahead of [1, 2, 3, 8]) {
      for (let length = 0; length < 12; length++) {
        const pieces = [...'abcdefghijk'].slice(0, length)
        const ended = await say({ pieces, ahead })
        expect(ended.state).toEqual([...PROMPT, ...ended.script, ...ended.encode(END)])
        expect(ended.summary).toMatchObject({ text: pieces.join(''), finishReason: 'stop' })
        const cut = await say({ pieces: [...pieces, 'x', 'y'], ahead, maxTokens: length + 1 })
        expect(cut.state).toEqual([...PROMPT, ...cut.script.slice(0, -1), ...cut.encode(END)])
        expect(cut.summary).toMatchObject({ text: `${pieces.join('')}x`, finishReason: 'length' })
      }
    }
  })

  test('whoever reads it ends it at any piece, however many draws are known by then', async () => {
    const pieces = [...'abcdefgh']
    for (let enough = 1; enough < pieces.length; enough++) {
      const { summary, shown, state, script, encode } = await say({
        pieces,
        ahead: 8,
        atOnce: true,
        enough,
        maxTokens: 8,
      })
      expect(shown).toEqual(pieces.slice(0, enough))
      expect(summary).toMatchObject({ ids: script.slice(0, enough), finishReason: 'abort' })
      expect(state).toEqual([...PROMPT, ...script.slice(0, enough), ...encode(END)])
    }
  })

  test('a reply that was cut anywhere goes on as if it had not been cut', async () => {
    // Cuts within a stop text, in the middle of é, and behind a line end that turns out to be harmless.
    const pieces = ['a', '\n', 'b', bytes(0xc3), bytes(0xa9), ' c', '\n', '\n', 'User']
    for (const sampling of [{}, { temperature: 1, frequencyPenalty: 0.5, seed: 3 }]) {
      const certainty = 'seed' in sampling ? 4 : 50
      const whole = await say({ pieces, sampling, certainty, maxTokens: 12 })
      for (let begun = 0; begun <= whole.summary.ids.length; begun++) {
        const script = { pieces, sampling, certainty, maxTokens: 12 - begun }
        const prefix = whole.summary.ids.slice(0, begun)
        const spares = begun % 2 === 0 ? [20, 30] : [] // without slots it goes back to in front of the prompt's last id
        const { summary, state, shown, told } = await say({ ...script, prefix, spares })
        expect(summary.ids, `cut after ${begun}`).toEqual(whole.summary.ids)
        expect(summary.text).toBe(whole.summary.text)
        expect(shown.join('')).toBe(whole.summary.text)
        expect(state).toEqual(whole.state)
        expect(told).toEqual(whole.told.slice(whole.told.length - told.length))
        expect(told.length).toBeGreaterThanOrEqual(whole.told.length - begun)
      }
    }
  })

  test('an error of the model that is no abort is thrown', async () => {
    const lost = () => Promise.reject(new Error('lost'))
    const feeder: Feeder = { feed: lost, feedAll: lost, draw: lost, ahead: 2 }
    const tokenizer = createWorldTokenizer(parseWorldVocabulary(vocabularyText(), 'test'))
    const failing = generate({
      feeder,
      tokenizer,
      sampler: createCpuSampler(257, []),
      slot: 0,
      promptIds: PROMPT,
      prefix: [],
      sampling: { ...defaultSampling, seed: 1 },
      constraint: { bias: new Map(), banned: [], choices: 256 },
      hasParagraphs: false,
      onThoughts: () => {},
      stop: [],
      stopBehindSpace: [],
      end: '',
      eosTokenId: EOS,
      stream: 0,
      points: createRestorePoints([], { restoreSlot() {}, restoreStart() {} }),
      emit: () => {},
      onToken: () => {},
      signal: new AbortController().signal,
      now: () => 0,
    })
    await expect(failing).rejects.toThrow('lost')
  })

  test('however a text comes in tokens, the state is the prompt, the ids said before the stop, the rest and the end', async () => {
    const word = fc.constantFrom('a', 'b', '\n', '\n\n', 'é', '€', '😀', ' a\n')
    const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(''))
    const stopList = fc.constantFrom([END], ['\n'], ['a\n', '\nb'], ['é'], ['€😀', END], ['b', '\nba'], [])
    const cuts = fc.array(fc.boolean(), { minLength: 64, maxLength: 64 })
    const last = fc.option(fc.nat(12))
    const way = fc.record({ ahead: fc.nat(4), spares: fc.constantFrom([20, 30], []) })
    let stopped = 0

    const law = fc.asyncProperty(text, stopList, cuts, last, way, async (whole, stop, isCut, lastCall, how) => {
      const all = Buffer.from(whole)
      const pieces: Buffer[] = []
      for (let at = 0, from = 0; at < all.length; at++) {
        if (!isCut[at] && at + 1 < all.length) continue
        pieces.push(all.subarray(from, at + 1))
        from = at + 1
      }
      const abortAt = lastCall === null ? -1 : READY_AT - 1 + lastCall
      const abortAfter = lastCall === null ? null : Math.max(0, lastCall - Math.max(0, how.ahead - 1)) // ids looked at
      const { summary, pending, state, shown, told, script, encode } = await say({ pieces, stop, abortAt, ...how })

      // What must come of it, by looking at the whole text: the first beginning of it that ends in a stop.
      const heard = pieces.slice(0, abortAfter ?? pieces.length)
      const said = Buffer.concat(heard).toString()
      const ends = Array.from({ length: said.length }, (_, i) => i + 1)
      const end = ends.find((at) => stop.some((one) => said.slice(0, at).endsWith(one)))
      const longest = Math.max(0, ...stop.filter((one) => said.slice(0, end).endsWith(one)).map(({ length }) => length))
      const expected = end === undefined ? said : said.slice(0, end - longest)
      let count = heard.length
      let rest = ''
      if (end !== undefined) {
        stopped++
        // The most ids whose bytes are whole characters of the text that was shown.
        const isSaid = (n: number) => {
          const beginning = Buffer.concat(pieces.slice(0, n))
          return Buffer.from(beginning.toString()).equals(beginning) && expected.startsWith(beginning.toString())
        }
        count = Array.from({ length: heard.length + 1 }, (_, n) => n).findLast(isSaid) ?? 0
        rest = expected.slice(Buffer.concat(pieces.slice(0, count)).toString().length)
      }
      const finishReason = end === undefined && abortAfter !== null && abortAfter <= pieces.length ? 'abort' : 'stop'

      expect({ text: summary.text, shown: shown.join(''), ids: summary.ids, state, pending }).toEqual({
        text: expected,
        shown: expected,
        ids: script.slice(0, count),
        state: [...PROMPT, ...script.slice(0, count), ...encode(rest + END)],
        pending: [],
      })
      expect(summary.finishReason).toBe(finishReason)
      const ids = told.map(({ id }) => id)
      expect(ids.slice(0, count)).toEqual(summary.ids)
      expect(ids).toEqual(script.slice(0, ids.length))
      expect(told.map(({ index }) => index)).toEqual([...ids.keys()])
      expect(textOf(told)).toBe(expected)
    })
    await fc.assert(law, { numRuns: 400 })
    expect(stopped).toBeGreaterThan(100)
  })
})
