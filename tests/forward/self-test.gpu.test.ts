import { describe, expect, test } from 'vitest'
import type { Architecture } from '../../src/forward/architecture.ts'
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

describe.each(
  architectures.flatMap((architecture) =>
    [softwarePreset, gpuPreset].map((preset) => ({ architecture, version: architecture.version, preset })),
  ),
)('the self-test of version $version with the $preset.name preset', ({ architecture, preset }) => {
  // On this software adapter the gpu preset is slow, and what decodes weights is the same in every version.
  const isNarrowed = preset === gpuPreset && architecture.version !== 4
  const codecs = [
    ['f32', undefined],
    ['f16', undefined],
    ['bf16', undefined],
    ['q8', 'F16'],
    ['q4', 'BF16'],
  ] as const
  test.each(isNarrowed ? [codecs[1], codecs[3]] : codecs)('finds right kernels right: %s', (codec, embedding) =>
    withGpu(async (gpu) => {
      expect(await selfTest(gpu, { architecture, codec, embedding, preset, kernels: createKernelCache(gpu) })).toBe(
        true,
      )
    }),
  )
})

// With one preset: a fault of a shader is the same text in both, and takes long to compile.
const faults = [
  ['weights/f16', 'unpack2x16float(halves.y)', 'unpack2x16float(halves.x)', 'f16', 4],
  ['gather-norm', '* norm[c] + norm[c4 + c]', '* norm[c]', 'f16', 4],
  ['shift-mix', 'carry[rows[n].entry * c4 + c] = a', 'carry[rows[n].entry * c4 + c] = before', 'f16', 4],
  ['store-shift', '= carry[id.y', '= 0.9 * carry[id.y', 'f16', 4],
  ['matvec', 'low += block_product', 'low = block_product', 'f16', 4],
  ['matmul', 'high_second +=', 'high_second -=', 'f16', 4],
  ['product', 'positive * positive', 'positive', 'f16', 4],
  ['v4/wkv-step', 'WkvSums(e1 * aa + e2 * v,', 'WkvSums(aa + e2 * v,', 'f16', 4],
  ['v4/wkv', 'kvr[(n * 3u + 1u) * C + channel]', 'kvr[n * 3u * C + channel]', 'f16', 4],
  ['sample', 'first += here.lane * chunk', 'first += lane * chunk', 'f16', 4],
  ['random', 'v.x + v.y * v.w', 'v.x', 'f16', 4],
  ['mass', 'multiply(a.x, part).y', 'multiply(a.x, part).x', 'f16', 4],
  ['v4/kvr-wkv', 'rows_of(2u * C + first)', 'rows_of(C + first)', 'f16', 4],
  ['blocks/q8', 'sums - inputs.excess', 'sums', 'q8', 4],
  ['weights/q8', ' - EXCESS) * FIELD', ') * FIELD', 'q8', 4],
  ['blocks/q4', '(extra.outlier - extra.least) * behind', '0.0', 'q4', 4],
  ['weights/q4', 'vec4f(extra.outlier)', 'vec4f()', 'q4', 4],
  ['product', '2.0 * sigmoid4(2.0 * product) - 1.0', 'product', 'f16', 7],
  ['product', 'params.first_input + segment', 'segment', 'f16', 7],
  ['v7/low-rank-here', 'weight4(row_of(i, C / 4u), place)', 'weight4(row_of(i + 1u, C / 4u), place)', 'f16', 7],
  ['v7/low-rank-out', 'weights * low[at_second.w + i]', 'weights * low[at_second.z + i]', 'f16', 7],
  ['v7/low-rank-ready', 'ready[at + 2u * c4]', 'ready[at + c4]', 'f16', 7],
  ['v7/wkv', 'removals[quad][one] * rates[quad][one]', 'removals[quad][one]', 'f16', 7],
  ['v7/wkv', '(first[n * c4 + c] - v) *', '(first[n * c4 + c] + v) *', 'f16', 7],
] as const

test.each(faults)('the self-test finds a fault in %s: %s computed as %s', (_, right, wrong, codec, version) =>
  withGpu(async (gpu) => {
    const architecture = architectures.find((one) => one.version === version) as Architecture
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
      { onDevice: (device) => spoil(device, 'out[at] += value;', 'out[at] -= value;') },
    ))
})
