import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { logSoftmax, oracleBeams } from '../oracle/beam.ts'
import { mostProbable, openOracle } from '../oracle/oracle-model.ts'
import { createDawn } from '../tools/dawn.ts'
import { goldenModel } from '../tools/engine.ts'
import type { Cases, ConformanceSet, ScoreCase } from '../tools/golden.ts'
import { compare } from './compare.ts'
import { planOf, runPlan } from './run-set.ts'

/** A set as others are: with `score` and `beam`, which the golden one has not. Its truth is the oracle. */
async function setWithScores(file: string): Promise<ConformanceSet> {
  const oracle = await openOracle(goldenModel(file))
  const { V, C, L, F } = oracle.config
  const prompt = [0, 220, 23, 225, 259]
  const score = [oracle.greedy(prompt, 4), [7, 7, 9]].map((target): ScoreCase => {
    const state = oracle.createState()
    let logits = oracle.feed(state, prompt)
    let logprob = 0
    let greedy = true
    for (const id of target) {
      logprob += logSoftmax(logits)[id]
      greedy &&= mostProbable(logits) === id
      logits = oracle.feed(state, [id])
    }
    return { context: prompt, target, logprob, greedy, atol: 1e-3 }
  })
  const beams = oracleBeams(oracle, { prompt, width: 4, steps: 6 }).map(({ ids }) => ids)
  const cases: Cases = { V, D: C, L, F, logit_ids: null, cases: {}, score, beam: { prompt, width: 4, steps: 6, beams } }
  return { folder: '', cases: { plain: cases }, containers: {}, bad: {}, world: undefined, bpe20b: undefined }
}

test('score and beam cases are run and judged', async () => {
  const file = 'plain64.f32.safetensors'
  const set = await setWithScores(file)
  const engine = createEngine({ gpu: createDawn(), device: 'webgpu', fetch: fileFetch })
  const plan = planOf(set, () => file)
  const results = await runPlan(plan, { urlOf: goldenModel, load: engine.loadModel }, () => {})
  await engine.dispose()
  expect(set.cases.plain.score?.map(({ greedy }) => greedy)).toEqual([true, false])
  expect(compare(set, results, plan)).toEqual([{ name: 'plain', ratio: expect.any(Number), misses: [] }])

  const { score, beam } = results.models.plain
  const missesOf = (changed: object) =>
    compare(set, { ...results, models: { plain: { ...results.models.plain, ...changed } } }, plan)[0].misses
  expect(missesOf({ score: undefined }).length).toBe(4)
  expect(missesOf({ score: [score?.[0], [-1, false]] })).toEqual([expect.stringContaining('score 1: ')])
  expect(missesOf({ score: [[score?.[0][0], false], score?.[1]] })).toEqual([expect.stringContaining('score 0 greedy')])
  expect(missesOf({ beam: undefined })).toEqual([expect.stringContaining('beam 0')])
  expect(missesOf({ beam: [...(beam ?? [])].reverse() })).toEqual([expect.stringContaining('beam 0')])
})
