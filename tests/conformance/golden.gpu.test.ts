import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { createDawn } from '../tools/dawn.ts'
import { fileFetch } from '../tools/file-fetch.ts'
import { fileOf, goldenFolder, goldenFolder7, readSet } from '../tools/golden.ts'
import { compare } from './compare.ts'
import { planOf, runPlan } from './run-set.ts'

// The gpu preset is for other adapters than this software one, where its barriers cost up to a hundred times more: one
// model shows that it is right, and of RWKV-7 the self-test.
test.each([
  { version: 4, folder: goldenFolder, preset: 'software', models: undefined, expected: 4 + 4 + 2 },
  { version: 4, folder: goldenFolder, preset: 'gpu', models: ['odd160.F16'], expected: 1 + 1 },
  { version: 7, folder: goldenFolder7, preset: 'software', models: undefined, expected: 4 + 4 },
] as const)(
  'golden models of RWKV-$version compute what they must, in every way of feeding, with the $preset preset',
  { timeout: 300_000 },
  async ({ folder, preset, models, expected }) => {
    const set = await readSet(folder)
    const engine = createEngine({ gpu: createDawn(), fetch: fileFetch, preset })
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
  },
)
