import { expect, test } from 'vitest'
import { logSoftmax } from '../oracle/beam.ts'
import { mostProbable, openOracle } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { tinyWeights, withTiny } from '../tools/tiny-model.ts'

/** Log probability of each id after the first, and whether it is the most probable, in float64. */
async function scored(ids: readonly number[]) {
  const oracle = await openOracle(tinyWeights)
  const state = oracle.createState()
  return ids.slice(1).map((id, i) => {
    const logits = oracle.feed(state, [ids[i]])
    return { logprob: logSoftmax(logits)[id], isBest: mostProbable(logits) === id }
  })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

test.each(['engine', 'worker'] as const)('through the %s, a text is scored as by the oracle, in chunks', (through) =>
  withTiny(
    async (model) => {
      const text = 'A cat sat by the door and saw a dog. '.repeat(4) // 120 ids or so: several chunks, and a rest
      const ids = [0, ...(await model.encode(text))]
      const expected = (await scored(ids)).map(({ logprob }) => logprob)
      const nll = -sum(expected)
      const seen: [number, number][] = []
      const result = await model.evaluate(text, { onProgress: (done, total) => seen.push([done, total]) })
      expect(result).toEqual({
        tokens: ids.length - 1,
        bytes: text.length,
        nllPerToken: expect.closeTo(nll / (ids.length - 1), 4),
        nllPerByte: expect.closeTo(nll / text.length, 4),
        perplexity: expect.closeTo(Math.exp(nll / (ids.length - 1)), 1),
      })
      expect(seen.at(-1)).toEqual([ids.length - 1, ids.length - 1])
      expect(seen.length).toBe(Math.ceil((ids.length - 1) / 32))
      const told = await model.evaluate(ids, { logprobs: true })
      expect(told.nllPerToken).toBe(result.nllPerToken)
      expectClose(told.logprobs ?? [], expected, { atol: 1e-3 })
    },
    { through },
  ),
)

test.each(['engine', 'worker'] as const)('through the %s, a continuation is worth what the oracle says', (through) =>
  withTiny(
    async (model) => {
      const oracle = await openOracle(tinyWeights)
      const context = [0, ...(await model.encode('A cat and'))]
      for (const target of [
        [7],
        await model.encode(' a dog that sat'),
        oracle.greedy(context, 5),
        [...oracle.greedy(context, 4), 3],
        Array.from({ length: 50 }, (_, i) => (i * 37) % 260),
      ]) {
        const expected = (await scored([...context, ...target])).slice(context.length - 1)
        expect(await model.score(context, target)).toEqual({
          logprob: expect.closeTo(sum(expected.map(({ logprob }) => logprob)), 2),
          isGreedy: expected.every(({ isBest }) => isBest),
        })
      }
      const [words, ids] = [await model.score('A cat and', ' a dog'), await model.encode(' a dog')]
      expect(words).toEqual(await model.score(context, ids))
    },
    { through },
  ),
)

test('what nothing foretells, or what is empty, is refused; an abort is thrown, and nothing is left over', () =>
  withTiny(async (model) => {
    const { gpuByteLength } = await model.counters()
    for (const call of [model.evaluate(''), model.evaluate([5]), model.score([], [1]), model.score('a', '')])
      await expect(call).rejects.toMatchObject({ code: 'option/invalid' })
    await expect(model.evaluate([1, 260])).rejects.toMatchObject({ code: 'text/unknown-id' })
    const stop = new AbortController()
    const onProgress = () => stop.abort()
    const ids = Array(500).fill(1)
    await expect(model.evaluate(ids, { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' })
    expect((await model.counters()).gpuByteLength).toBe(gpuByteLength)
  }))
