import { expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { softwarePreset } from '../../src/kernels/preset.ts'
import { createOracleModel, mostProbable } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { withEngine } from '../tools/engine.ts'
import { createForward } from '../tools/forward.ts'
import { withGpu } from '../tools/gpu.ts'
import { q4KM, seededGguf, type TypeOf } from '../tools/seeded-gguf.ts'

const ranks = { v: 32, w: 64, a: 64, g: 128 }
const config = { version: 7, L: 2, C: 256, F: 1024, V: 300, headSize: 64, ranks } as const
const ids = [3, 1, 4, 1, 5, 9, 2, 6]

/** What no quantiser writes, and any file may hold. */
const anyhow: TypeOf = (name) =>
  name === 'emb.weight'
    ? 'Q5_1'
    : name.endsWith('value.weight')
      ? 'Q6_K'
      : name.endsWith('att.key.weight')
        ? 'Q8_0'
        : name.endsWith('output.weight')
          ? 'Q4_0'
          : 'Q5_K'

test.each<[string, TypeOf]>([
  ...['Q4_1', 'Q5_1', 'Q4_K', 'Q5_K', 'Q6_K', 'IQ4_NL'].map((type): [string, TypeOf] => [type, () => type]),
  ['Q4_K_M', q4KM],
  ['a mix within a layer', anyhow],
])('a model in %s computes what its blocks say, by the oracle', (_, typeOf) =>
  withGpu(async (gpu) => {
    const checkpoint = await openCheckpoint(createByteSource('m.gguf', await seededGguf(config, typeOf)))
    const oracle = await createOracleModel(checkpoint)
    const state = oracle.createState()
    const parts = await createForward(gpu, checkpoint, { codec: 'auto', preset: softwarePreset })
    const slot = await parts.pool.allocate()
    let fed: readonly number[] = ids
    for (let i = 0; i < 6; i++) {
      const [logits] = await parts.forward.step([{ slot, ids: fed, outputs: 'last' }])
      const expected = oracle.feed(state, fed)
      expectClose(logits, expected, { atol: 2e-4, rtol: 2e-4 })
      expect(mostProbable(logits)).toBe(mostProbable(expected))
      fed = [mostProbable(expected)]
    }
    parts.dispose()
  }),
)

test('a dropped file of Q4_K_M is held as it is, says so, and predicts what it does in f32', () =>
  withEngine(async (engine) => {
    const file = new File([await seededGguf(config, q4KM)], 'rwkv7-g1-0.1b-Q4_K_M.gguf')
    const logits = []
    for (const weights of ['auto', 'f32'] as const) {
      const model = await engine.loadModel([file], { weights })
      expect(model.info.weights).toBe(weights === 'auto' ? 'q4_k + q6_k' : 'f32')
      expect(model.info.warnings).toEqual([])
      const state = await model.createState()
      await state.feed(ids)
      logits.push(await state.logits())
      await model.dispose()
    }
    expectClose(logits[0], logits[1], { atol: 2e-4, rtol: 2e-4 })
  }))
