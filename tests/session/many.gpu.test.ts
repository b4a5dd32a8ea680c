import { describe, expect, test } from 'vitest'
import { logSoftmax, oracleBeams } from '../oracle/beam.ts'
import { mostProbable, openOracle } from '../oracle/oracle-model.ts'
import { expectSame } from '../tools/engine.ts'
import { tinyWeights, withTiny } from '../tools/tiny-model.ts'

const PROMPTS = ['hi', 'yo', 'What is a cat?', 'x', 'Tell me more about it', 'Why']
const free = { temperature: 1, topP: 0.95, maxTokens: 15 }

describe('many replies at once', () => {
  test.each(['engine', 'worker'] as const)('through the %s, say what each of them says alone', (through) =>
    withTiny(
      async (model) => {
        const replies = await model.generateMany(PROMPTS)
        const together = await Promise.all(replies.map(({ summary }) => summary))
        for (const [i, prompt] of PROMPTS.entries()) {
          const session = await model.createSession({ shared: false })
          const alone = await session.prompt(prompt).summary
          expect(together[i]).toMatchObject({ ids: alone.ids, text: alone.text, finishReason: alone.finishReason })
          await session.dispose()
        }
      },
      { through },
    ),
  )

  test('within one kernel path, logits are equal to the bit whoever else is in the step', () =>
    withTiny(async (model) => {
      const logitsBeside = async (others: number) => {
        const states = await Promise.all(Array.from({ length: others + 1 }, () => model.createState()))
        for (const ids of [[0], [9], [200]])
          await model.feedBatch(states.map((state, i) => ({ state, ids: i === 0 ? ids : [i] })))
        const logits = await states[0].logits()
        for (const state of states) await state.dispose()
        return logits
      }
      const few = await logitsBeside(1)
      expectSame(await logitsBeside(4), few)
      expectSame(await logitsBeside(31), few)
    }))

  test('are stepped together: six take less than twice the steps of one', () =>
    withTiny(async (model) => {
      const steps = async (prompts: readonly string[]) => {
        const before = (await model.counters()).steps
        const replies = await model.generateMany(prompts)
        await Promise.all(replies.map(({ summary }) => summary))
        return (await model.counters()).steps - before
      }
      const one = await steps(['hi there'])
      // those that are ready later, as on a busy machine, end later; one after another they would take six times as many
      expect(await steps(Array(6).fill('hi there'))).toBeLessThan(2 * one)
    }))

  test('n samples of one seed are n single runs with the seeds behind it, and the message is read once', () =>
    withTiny(async (model) => {
      const session = await model.createSession()
      await session.prompt('hi').summary
      const from = { session, prompt: 'And what then?', n: 5 }
      const samples = await model.generateMany(from, { sampling: { ...free, seed: 40 } })
      const summaries = await Promise.all(samples.map(({ summary }) => summary))
      expect(new Set(summaries.map(({ text }) => text)).size).toBeGreaterThan(3)
      for (const [i, { ids, promptTokens, seed }] of summaries.entries()) {
        expect([promptTokens, seed]).toEqual([1, 40 + i])
        const single = await session.fork()
        expect((await single.prompt('And what then?', { sampling: { ...free, seed } }).summary).ids).toEqual(ids)
        await single.dispose()
      }
      expect((await session.transcript()).length).toBe(2)
    }))

  test('one that is broken off does not touch the others, and all of it leaves not a byte', () =>
    withTiny(async (model) => {
      const run = async (breakAt: number | undefined) => {
        const replies = await model.generateMany(PROMPTS.slice(0, 4), { sampling: { ...free, seed: 3 } })
        const read = async (i: number) => {
          let pieces = 0
          for await (const _ of replies[i]) if (i === 1 && ++pieces === breakAt) break
          return replies[i].summary
        }
        return Promise.all(replies.map((_, i) => read(i)))
      }
      const whole = await run(undefined)
      const { gpuByteLength } = await model.counters()
      for (const breakAt of [1, 5]) {
        const broken = await run(breakAt)
        expect(broken[1].finishReason).toBe('abort')
        for (const i of [0, 2, 3]) expect(broken[i].ids).toEqual(whole[i].ids)
      }
      expect((await model.counters()).gpuByteLength).toBe(gpuByteLength)
    }))

  test('the best of n is the one with the most probable tokens, and its session goes on from there', () =>
    withTiny(async (model) => {
      const oracle = await openOracle(tinyWeights)
      const session = await model.createSession()
      const best = await model.bestOf({ session, prompt: 'hi', n: 6 }, { sampling: { ...free, seed: 1 } })
      const prompt = [0, ...(await model.encode('U:hi\n\nA:'))]
      const means = best.all.map(({ ids }) => {
        const logprobs = ids.map(
          (id, i) => logSoftmax(oracle.feed(oracle.createState(), [...prompt, ...ids.slice(0, i)]))[id],
        )
        return logprobs.reduce((sum, logprob) => sum + logprob, 0) / ids.length
      })
      expect(best.summary).toBe(best.all[means.indexOf(Math.max(...means))])
      const next = await best.session.prompt('yo').summary
      const seen = [...prompt, ...best.summary.ids, ...(await model.encode('\n\nU:yo\n\nA:'))]
      expect(next.ids).toEqual(oracle.greedy(seen, next.ids.length))
    }))
})

test('aborted at each of 50 tokens, all at the same time, sessions go on as if the rest had never been wanted', () =>
  withTiny(async (model) => {
    const oracle = await openOracle(tinyWeights)
    const prompt = [0, ...(await model.encode('U:hi\n\nA:'))]
    const question = await model.encode('\n\nU:yo\n\nA:')
    const abortAt = async (count: number) => {
      const session = await model.createSession({ sampling: { bannedIds: [0, 259], maxTokens: 60 } })
      const stop = new AbortController()
      const onToken = ({ index }: { index: number }) => index + 1 === count && stop.abort()
      const { ids, finishReason } = await session.prompt('hi', { signal: stop.signal, onToken }).summary
      expect(finishReason).toBe('abort')
      expect(ids.length).toBeGreaterThanOrEqual(count)
      expect(ids.length).toBeLessThanOrEqual(count + 4) // a token is told of when its character is whole
      const next = await session.prompt('yo', { sampling: { maxTokens: 1 } }).summary
      const state = oracle.createState()
      const logits = oracle.feed(state, [...prompt, ...ids, ...question])
      for (const id of [0, 259]) logits[id] = -Infinity
      expect(next.ids).toEqual([mostProbable(logits)])
      await session.dispose()
    }
    await Promise.all(Array.from({ length: 50 }, (_, i) => abortAt(i + 1)))
  }))

describe('beam search', () => {
  test.each(['engine', 'worker'] as const)('through the %s, finds what the oracle finds by brute force', (through) =>
    withTiny(
      async (model) => {
        const oracle = await openOracle(tinyWeights)
        const prompt = [0, 220, 23, 225]
        const state = await model.createState()
        await state.feed(prompt)
        const before = await state.read()
        for (const { width, steps } of [
          { width: 1, steps: 8 },
          { width: 4, steps: 6 },
          { width: 16, steps: 3 },
        ]) {
          const expected = oracleBeams(oracle, { prompt, width, steps })
          const beams = await state.beamSearch({ width, steps })
          expect(beams.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids))
          beams.forEach(({ logprob, score, ended }, i) => {
            expect(logprob).toBeCloseTo(expected[i].logprob, 3)
            expect([score, ended]).toEqual([logprob, false])
          })
        }
        expect(await state.read()).toEqual(before)
      },
      { through },
    ),
  )

  test('ids that stop it end a beam, and the length penalty decides between short and long', () =>
    withTiny(async (model) => {
      const oracle = await openOracle(tinyWeights)
      const prompt = [0, 220, 23, 225]
      const state = await model.createState()
      await state.feed(prompt)
      const [first, second] = oracleBeams(oracle, { prompt, width: 2, steps: 1 })
      const stopIds = [second.ids[0]]
      const plain = await state.beamSearch({ width: 2, steps: 10, stopIds })
      expect(plain[0]).toMatchObject({ ids: [], ended: true, score: expect.closeTo(second.logprob, 3) })
      const long = await state.beamSearch({ width: 2, steps: 10, stopIds, lengthPenalty: 10 })
      expect(long[0].ids.length).toBe(10)
      expect(long[0].ids[0]).toBe(first.ids[0])
      for (const { ids, logprob, score, ended } of long)
        expect(score).toBeCloseTo(logprob / (ids.length + (ended ? 1 : 0)) ** 10, 9)
    }))

  test('replies in words end at stop texts, which are not shown; the session stays as it is', () =>
    withTiny(async (model) => {
      const session = await model.createSession()
      const [best] = await session.beamSearch('hi', { width: 1, steps: 12 })
      const { ids, text } = await session.prompt('hi').summary
      expect(best).toMatchObject({ ids, text })
      const fresh = await model.createSession()
      const stop = [text.slice(2, 4)]
      const beams = await fresh.beamSearch('hi', { width: 3, steps: 12, stop })
      expect(beams.length).toBe(3)
      for (const beam of beams) expect(beam.text).not.toContain(stop[0])
      const own = await model.createSession({ sampling: { stop } })
      expect(await own.beamSearch('hi', { width: 3, steps: 12 })).toEqual(beams)
      expect(beams.some(({ ended }) => ended)).toBe(true)
      expect(await fresh.transcript()).toEqual([])
    }))

  test("keeps to the session's bannedIds, allowedIds, logitBias and minTokens, as a search by brute force does", () =>
    withTiny(async (model) => {
      const oracle = await openOracle(tinyWeights)
      const prompt = [0, ...(await model.encode('U:hi\n\nA:'))]
      const [width, steps] = [3, 4]
      const free = oracleBeams(oracle, { prompt, width, steps })
      const bannedIds = [...new Set(free.flatMap(({ ids }) => ids))].slice(0, 3)
      const letters = Array.from({ length: 26 }, (_, i) => 98 + i) // ids of a … z
      for (const sampling of [
        { bannedIds },
        { allowedIds: letters },
        { logitBias: [{ token: 'q', bias: 3 }], bannedIds },
      ] as const) {
        const {
          bannedIds: banned = [],
          allowedIds,
          logitBias = [],
        } = { bannedIds: [], allowedIds: undefined, ...sampling }
        const expected = oracleBeams(oracle, {
          prompt,
          width,
          steps,
          nudge: (logits) => {
            for (const { bias } of logitBias) logits['q'.charCodeAt(0) + 1] += bias
          },
          mayBeSaid: (id) => id !== 0 && id !== 259 && !banned.includes(id) && (allowedIds?.includes(id) ?? true),
        })
        const session = await model.createSession({ sampling: { ...sampling, minTokens: 99 } })
        const beams = await session.beamSearch('hi', { width, steps })
        expect(beams.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids))
        for (const [i, { logprob, score }] of beams.entries()) {
          expect(score).toBeCloseTo(expected[i].weight, 3)
          expect(logprob).toBeCloseTo(expected[i].logprob, 3)
        }
        expect(beams.map(({ ids }) => ids)).not.toEqual(free.map(({ ids }) => ids))
        await session.dispose()
      }
    }))

  test("keeps to the session's format, whose end is that of a reply", () =>
    withTiny(async (model) => {
      const oracle = await openOracle(tinyWeights)
      const prompt = [0, ...(await model.encode('U:hi\n\nA:'))]
      const logprobOf = (ids: readonly number[]) =>
        ids.reduce((sum, id, i) => {
          const logits = oracle.feed(oracle.createState(), [...prompt, ...ids.slice(0, i)])
          return sum + logSoftmax(logits)[id]
        }, 0)
      const texts = ['ab', 'aa', 'ca', 'cb']
      const all = await Promise.all(texts.map(async (text) => ({ text, logprob: logprobOf(await model.encode(text)) })))
      all.sort((a, b) => b.logprob - a.logprob)
      const format = { type: 'regex', pattern: '[ac][ab]' } as const
      const session = await model.createSession({ sampling: { format } })
      const beams = await session.beamSearch('hi', { width: 4, steps: 5 })
      expect(beams.map(({ text, ended }) => [text, ended])).toEqual(all.map(({ text }) => [text, true]))
      for (const [i, { logprob }] of beams.entries()) expect(logprob).toBeCloseTo(all[i].logprob, 3)
      // Near the end of its steps, only what still comes to an end: as a reply with so many tokens does.
      const json = await model.createSession({
        sampling: { format: { type: 'json-schema', schema: { enum: ['long', 1] } } },
      })
      expect((await json.beamSearch('hi', { width: 2, steps: 2 })).map(({ text }) => text)).toEqual(['1'])
    }))

  test('refuses what is out of range by name, and a state without logits', () =>
    withTiny(async (model) => {
      const state = await model.createState()
      await expect(state.beamSearch({ width: 2, steps: 2 })).rejects.toMatchObject({ code: 'session/no-logits' })
      await state.feed([1])
      for (const [name, options] of [
        ['width', { width: 33, steps: 1 }],
        ['width', { width: 0, steps: 1 }],
        ['steps', { width: 1, steps: 0 }],
        ['lengthPenalty', { width: 1, steps: 1, lengthPenalty: -1 }],
      ] as const)
        await expect(state.beamSearch(options)).rejects.toMatchObject({
          code: 'option/invalid',
          message: expect.stringContaining(`${name} is `),
        })
    }))
})
