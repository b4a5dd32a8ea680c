/** @file Golden models, run by the engine in node. */

import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { createEngine, type EngineOptions } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { fileOf, readSet } from '../tools/golden.ts'
import { compare } from './compare.ts'
import { planOf, runPlan } from './run-set.ts'

/** What to run, and how many verdicts come of it. */
export interface GoldenRun {
  readonly folder: string
  /** What it is run by: an engine's options. */
  readonly on: Pick<EngineOptions, 'gpu' | 'device' | 'preset'>
  /** All of the folder unless named. */
  readonly models?: readonly string[]
  readonly expected: number
}

/** The models compute what they must, in every way of feeding. */
export async function expectGolden({ folder, on, models, expected }: GoldenRun): Promise<void> {
  const set = await readSet(folder)
  const engine = createEngine({ ...on, fetch: fileFetch })
  const plan = planOf(set, (model) => fileOf(set, model), models)
  const results = await runPlan(
    plan,
    { urlOf: (file) => `${pathToFileURL(folder).href}/models/${file}`, load: engine.loadModel },
    () => {},
  )
  await engine.dispose()
  const verdicts = compare(set, results, plan)
  expect(verdicts.length).toBe(expected)
  expect(verdicts.flatMap(({ name, misses }) => misses.map((miss) => `${name}: ${miss}`))).toEqual([])
}
