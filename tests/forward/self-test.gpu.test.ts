import { describe, expect, test } from 'vitest'
import { coarseCheckpoint } from '../../src/forward/coarse.ts'
import { createGpuPlace } from '../../src/forward/gpu-backend.ts'
import { selfTest } from '../../src/forward/self-test.ts'
import { createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { gpuPreset, softwarePreset, softwareSubgroupPreset } from '../../src/kernels/preset.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { planWeights } from '../../src/model/weight-plan.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { rounded } from '../tools/dequantize.ts'
import { storyteller, withEngine } from '../tools/engine.ts'
import { withGpu } from '../tools/gpu.ts'
import { spoil } from '../tools/spoil.ts'
import { testedCodecs } from '../tools/tested-codecs.ts'

describe.each(architectures)('version $version', ({ known, tensors }) => {
  const { config, seed, ids, logits, draws } = known

  test.each(['full', 'q8', 'q4', 'coarse'] as const)(
    'the logits that the self-test expects are those of the oracle: %s',
    async (holding) => {
      const specs = [...tensors(config)]
      const checkpoint = createSeededCheckpoint(specs, seed)
      const held = {
        full: () => checkpoint,
        q8: () => rounded(checkpoint, 'q8'),
        q4: () => rounded(checkpoint, 'q4'),
        coarse: () => coarseCheckpoint(checkpoint, specs, planWeights({ weights: 'f32', specs, ...checkpoint })),
      }
      const oracle = await createOracleModel(held[holding]())
      const state = oracle.createState()
      expect(logits[holding]).toHaveLength(ids.length)
      ids.forEach((step, i) => {
        expectClose(oracle.feed(state, step), logits[holding][i], { atol: 1e-5 })
      })
    },
  )

  test.each(['full', 'q8', 'q4', 'coarse'] as const)(
    'the ids that the self-test expects are those of the CPU: %s',
    (holding) => {
      const { sampling, stream, constraint, banned } = draws.rules
      const sampler = createCpuSampler(config.V, banned)
      const penalties = createPenalties()
      const row = Float32Array.from(logits[holding][0])
      const drawn = draws.ids[holding].map((_, index) => {
        const { seed } = sampling
        const id = sampler.sample({ logits: row, options: sampling, penalties, constraint, seed, stream, index })
        penalties.add(id, sampling.penaltyDecay)
        return id
      })
      expect(drawn).toEqual(draws.ids[holding])
    },
  )
})

/** Versions of which all else is tried by heads.verify.gpu.test.ts. */
const isLate = (version: number) => version === 5 || version === 6

describe.each(
  architectures
    .flatMap((architecture) =>
      [
        { called: 'software', preset: softwarePreset },
        { called: 'software, by subgroup', preset: softwareSubgroupPreset },
        { called: 'gpu', preset: gpuPreset },
      ].map((one) => ({ architecture, version: architecture.version, ...one })),
    )
    .filter(({ version, preset }) => !isLate(version) || preset === softwarePreset),
)('the self-test of version $version with the preset $called', ({ architecture, preset }) => {
  // They take long to compile here, and what decodes weights is the same in every version.
  const isNarrowed = preset !== softwarePreset && architecture.version !== 4
  test.each(
    isLate(architecture.version) ? [testedCodecs[1]] : isNarrowed ? [testedCodecs[1], testedCodecs[3]] : testedCodecs,
  )('finds right kernels right: %s', (codec, embedding) =>
    withGpu(async (gpu) => {
      const place = createGpuPlace(gpu, { preset, kernels: createKernelCache(gpu) })
      expect(await selfTest(place, { architecture, codec, embedding })).toBe(true)
    }),
  )
})

describe('a GPU that is wrong in f16', () => {
  test('runs the model in f32, and the user is told', () =>
    withEngine(
      async (engine) => {
        const model = await engine.loadModel(storyteller, { weights: 'f16' })
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
      { onDevice: (device) => spoil(device, 'out[at] += value;', 'out[at] -= value;') },
    ))
})
