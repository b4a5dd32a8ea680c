import { describe, expect, test } from 'vitest'
import { selfTest } from '../../src/forward/self-test.ts'
import { createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { rounded } from '../tools/dequantize.ts'
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

describe.each(architectures)('version $version', ({ known, tensors }) => {
  const { config, seed, ids, logits, draws } = known

  test.each(['full', 'q8', 'q4'] as const)(
    'the logits that the self-test expects are those of the oracle: %s',
    async (holding) => {
      const checkpoint = createSeededCheckpoint(tensors(config), seed)
      const oracle = await createOracleModel(holding === 'full' ? checkpoint : rounded(checkpoint, holding))
      const state = oracle.createState()
      expect(logits[holding]).toHaveLength(ids.length)
      ids.forEach((step, i) => {
        expectClose(oracle.feed(state, step), logits[holding][i], { atol: 1e-5 })
      })
    },
  )

  test.each(['full', 'q8', 'q4'] as const)('the ids that the self-test expects are those of the CPU: %s', (holding) => {
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
  })
})

const [architecture] = architectures

describe.each([softwarePreset, gpuPreset])('the self-test with the $name preset', (preset) => {
  test.each([
    ['f32', undefined],
    ['f16', undefined],
    ['bf16', undefined],
    ['q8', 'F16'],
    ['q4', 'BF16'],
  ] as const)('finds right kernels right: %s', (codec, embedding) =>
    withGpu(async (gpu) => {
      expect(await selfTest(gpu, { architecture, codec, embedding, preset, kernels: createKernelCache(gpu) })).toBe(
        true,
      )
    }),
  )
})

// With one preset: a fault of a shader is the same text in both, and takes long to compile.
test.each([
  ['weights/f16', 'unpack2x16float(halves.y)', 'unpack2x16float(halves.x)', 'f16'],
  ['gather-norm', '* norm[c] + norm[c4 + c]', '* norm[c]', 'f16'],
  ['shift-mix', 'carry[rows[n].entry * c4 + c] = a', 'carry[rows[n].entry * c4 + c] = before', 'f16'],
  ['store-shift', '= carry[id.y', '= 0.9 * carry[id.y', 'f16'],
  ['matvec', 'low += block_product', 'low = block_product', 'f16'],
  ['matmul', 'high_second +=', 'high_second -=', 'f16'],
  ['product', 'key * key', 'key', 'f16'],
  ['v4/wkv-step', 'WkvSums(e1 * aa + e2 * v,', 'WkvSums(aa + e2 * v,', 'f16'],
  ['v4/wkv', 'kvr[(n * 3u + 1u) * C + channel]', 'kvr[n * 3u * C + channel]', 'f16'],
  ['sample', 'first += here.lane * chunk', 'first += lane * chunk', 'f16'],
  ['random', 'v.x + v.y * v.w', 'v.x', 'f16'],
  ['mass', 'multiply(a.x, part).y', 'multiply(a.x, part).x', 'f16'],
  ['v4/kvr-wkv', 'rows_of(2u * C + first)', 'rows_of(C + first)', 'f16'],
  ['blocks/q8', 'sums - inputs.excess', 'sums', 'q8'],
  ['weights/q8', ' - EXCESS) * FIELD', ') * FIELD', 'q8'],
  ['blocks/q4', '(extra.outlier - extra.least) * behind', '0.0', 'q4'],
  ['weights/q4', 'vec4f(extra.outlier)', 'vec4f()', 'q4'],
] as const)('the self-test finds a fault in %s: %s computed as %s', (_, right, wrong, codec) =>
  withGpu(async (gpu) => {
    const spoiled = spoil(gpu.device, right, wrong)
    expect(await selfTest(gpu, { architecture, codec, preset: softwarePreset, kernels: createKernelCache(gpu) })).toBe(
      false,
    )
    expect(spoiled()).toBeGreaterThan(0)
  }),
)

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
