import { describe, expect, test } from 'vitest'
import { selfTestDraws, selfTestModel, selfTestSteps, selfTestV4 } from '../../src/forward/self-test-v4.ts'
import { createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { storyteller, withEngine } from '../tools/engine.ts'
import { withGpu } from '../tools/gpu.ts'

/** From now on `device` compiles `wrong` where a shader says `right`, as a faulty driver might; returns how often it did. */
function spoil(device: GPUDevice, right: string, wrong: string): () => number {
  let count = 0
  const create = device.createShaderModule.bind(device)
  device.createShaderModule = (descriptor) => {
    if (descriptor.code.includes(right)) count += 1
    return create({ ...descriptor, code: descriptor.code.replaceAll(right, wrong) })
  }
  return () => count
}

test('the logits that the self-test expects are those of the oracle', async () => {
  const oracle = await createOracleModel(createSeededCheckpoint(selfTestModel.sizes, selfTestModel.seed))
  const state = oracle.createState()
  for (const { ids, logits } of selfTestSteps) expectClose(oracle.feed(state, ids), logits, { atol: 1e-5 })
})

test('the ids that the self-test expects are those of the CPU', () => {
  const { rules, ids } = selfTestDraws
  const { sampling, stream, constraint, banned } = rules
  const sampler = createCpuSampler(selfTestModel.sizes.V, banned)
  const penalties = createPenalties()
  const logits = Float32Array.from(selfTestSteps[0].logits)
  const drawn = ids.map((_, index) => {
    const id = sampler.sample({ logits, options: sampling, penalties, constraint, seed: sampling.seed, stream, index })
    penalties.add(id, sampling.penaltyDecay)
    return id
  })
  expect(drawn).toEqual(ids)
})

describe.each([softwarePreset, gpuPreset])('the self-test with the $name preset', (preset) => {
  test.each(['f32', 'f16', 'bf16'] as const)('finds right kernels right: %s', (codec) =>
    withGpu(async (gpu) => {
      expect(await selfTestV4(gpu, { codec, preset, kernels: createKernelCache(gpu) })).toBe(true)
    }),
  )

  test.each([
    ['weights/f16', 'unpack2x16float(halves.y)', 'unpack2x16float(halves.x)'],
    ['gather-norm', '* norm[c] + norm[c4 + c]', '* norm[c]'],
    ['shift-mix', 'carry[rows[n].entry * c4 + c] = a', 'carry[rows[n].entry * c4 + c] = before'],
    ['store-shift', '= carry[id.y', '= 0.9 * carry[id.y'],
    ['matvec', 'low += values', 'low = values'],
    ['matmul', 'high_second +=', 'high_second -='],
    ['product', 'key * key', 'key'],
    ['wkv-step-v4', 'WkvSums(e1 * aa + e2 * v,', 'WkvSums(aa + e2 * v,'],
    ['wkv-v4', 'kvr[(n * 3u + 1u) * C + channel]', 'kvr[n * 3u * C + channel]'],
    ['sample', 'first += here.lane * chunk', 'first += lane * chunk'],
    ['random', 'v.x + v.y * v.w', 'v.x'],
    ['mass', 'multiply(a.x, part).y', 'multiply(a.x, part).x'],
    ['kvr-wkv-v4', 'weights_at(2u * C + first, c)', 'weights_at(C + first, c)'],
  ])('finds a fault in %s: %s computed as %s', (_, right, wrong) =>
    withGpu(async (gpu) => {
      const spoiled = spoil(gpu.device, right, wrong)
      expect(await selfTestV4(gpu, { codec: 'f16', preset, kernels: createKernelCache(gpu) })).toBe(false)
      expect(spoiled()).toBeGreaterThan(0)
    }),
  )
})

describe('a GPU that is wrong in f16', () => {
  test('runs the model in f32, and the user is told', () =>
    withEngine(
      async (engine) => {
        const model = await engine.loadModel(storyteller)
        expect(model.info.weights).toBe('f32')
        expect(model.info.warnings).toEqual([expect.stringMatching(/wrong results with f16 weights.*f32 is used/)])
        await model.dispose()
      },
      { onDevice: (device) => spoil(device, 'unpack2x16float', 'unpack2x16snorm') },
    ))

  test('and in f32 as well is refused', () =>
    withEngine(
      async (engine) => {
        await expect(engine.loadModel(storyteller)).rejects.toMatchObject({ code: 'gpu/wrong-results' })
      },
      { onDevice: (device) => spoil(device, 'out[at] += product;', 'out[at] -= product;') },
    ))
})
