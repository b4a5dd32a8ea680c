import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { createDawn } from '../tools/dawn.ts'
import { fileFetch } from '../tools/file-fetch.ts'
import { fileOf, goldenFolder56 as folder, readSet } from '../tools/golden.ts'
import { compare } from './compare.ts'
import { planOf, runPlan } from './run-set.ts'

test('golden models of RWKV-5 and 6 compute what they must, in every way of feeding', {
  timeout: 600_000,
}, async () => {
  const set = await readSet(folder)
  const engine = createEngine({ gpu: createDawn(), fetch: fileFetch })
  const plan = planOf(set, (model) => fileOf(set, model))
  const urlOf = (file: string) => `${pathToFileURL(folder).href}/models/${file}`
  const results = await runPlan(plan, { urlOf, load: engine.loadModel }, () => {})
  await engine.dispose()
  const verdicts = compare(set, results, plan)
  expect(verdicts.length).toBe(3 + 3)
  expect(verdicts.flatMap(({ name, misses }) => misses.map((miss) => `${name}: ${miss}`))).toEqual([])
})
