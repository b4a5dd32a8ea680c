import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { createOracleModel, mostProbable } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { q4KM, seededGguf, type TypeOf } from '../tools/seeded-gguf.ts'

const ranks = { v: 32, w: 64, a: 64, g: 128 }
const config = { version: 7, L: 2, C: 256, F: 512, V: 300, headSize: 64, ranks } as const
const ids = [3, 1, 4, 1, 5, 9, 2, 6]

test.each<[string, TypeOf, string]>([
  ['Q4_K_M', q4KM, 'q4_k + q6_k'],
  ['Q8_0 with a head in Q6_K', (name) => (name === 'head.weight' ? 'Q6_K' : 'Q8_0'), 'q8 + q6_k'],
  ['Q8_0 whose values are Q5_1', (name) => (name.endsWith('value.weight') ? 'Q5_1' : 'Q8_0'), 'q8 + q5_1'],
])('a file of %s runs in WebAssembly, its blocks as they are', async (_, typeOf, weights) => {
  const bytes = await seededGguf(config, typeOf)
  const oracle = await createOracleModel(await openCheckpoint(createByteSource('m.gguf', bytes)))
  const engine = createEngine({ gpu: undefined })
  const model = await engine.loadModel([new File([bytes], 'rwkv7-g1-0.1b.gguf')], { device: 'wasm' })
  expect(model.info).toMatchObject({ weights, warnings: [], device: { name: 'wasm' } })
  const [state, expected] = [await model.createState(), oracle.createState()]
  await state.feed(ids)
  const logits = oracle.feed(expected, ids)
  expectClose(await state.logits(), logits, { atol: 2e-4, rtol: 2e-4 })
  await state.feed([mostProbable(logits)])
  expectClose(await state.logits(), oracle.feed(expected, [mostProbable(logits)]), { atol: 5e-3, rtol: 5e-3 })
  await engine.dispose()
})
