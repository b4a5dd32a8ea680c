import { expect, test } from 'vitest'
import type { Architecture } from '../../src/forward/architecture.ts'
import { createGpuPlace } from '../../src/forward/gpu-backend.ts'
import { selfTest, selfTestOfMix } from '../../src/forward/self-test.ts'
import { createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { softwarePreset, softwareSubgroupPreset } from '../../src/kernels/preset.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { withGpu } from '../tools/gpu.ts'
import { spoil } from '../tools/spoil.ts'

// With one preset: a fault of a shader is the same text in both, and takes long to compile.
const faults = [
  ['weights/f16', 'unpack2x16float(halves.y)', 'unpack2x16float(halves.x)', 'f16', 4],
  ['gather-norm', '* norm[c] + norm[c4 + c]', '* norm[c]', 'f16', 4],
  ['shift-mix', 'carry[rows[n].entry * c4 + c] = a', 'carry[rows[n].entry * c4 + c] = before', 'f16', 4],
  ['store-shift', '= carry[id.y', '= 0.9 * carry[id.y', 'f16', 4],
  ['matvec', 'low += block_product', 'low = block_product', 'f16', 4],
  ['matmul', 'high1 += high * inputs1;\n    }', '}', 'f16', 4], // of few tokens
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
  ['heads/low-product', 'weight4(row_of(i, C / 4u), place)', 'weight4(row_of(i + 1u, C / 4u), place)', 'f16', 7],
  ['v7/low-rank-here', 'low_product(n, ranks, a,', 'low_product(n, ranks, w,', 'f16', 7],
  ['heads/head', 'inverseSqrt(squares', 'inverseSqrt(sum', 'f16', 7],
  ['low-rank-out', 'weights * low[at_second.w + i]', 'weights * low[at_second.z + i]', 'f16', 7],
  ['v7/low-rank-ready', 'ready[at + 2u * c4]', 'ready[at + c4]', 'f16', 7],
  ['v7/wkv', 'removals[quad][one] * rates[quad][one]', 'removals[quad][one]', 'f16', 7],
  ['product', 'product * sigmoid4(product)', 'product', 'f16', 5],
  ['heads/wkv', 'bonuses[i] * v', '0.0 * v', 'f16', 5],
  ['heads/decay-ready', 'n * params.decay_stride4 + c', '0u', 'f16', 5],
  ['heads/decay-ready', 'n * params.decay_stride4 + c', 'c', 'f16', 6],
  ['heads/decay-here', 'params.rank, 0u,', 'params.rank, 1u,', 'f16', 6],
  ['v6/mix-in', 'shifted[(2u * n + 1u) * c4 + c] = before', 'shifted[(2u * n + 1u) * c4 + c] = a', 'f16', 6],
  ['low-rank/mix', '(mixes[q * c4 + c] + product)', 'mixes[q * c4 + c]', 'f16', 6],
  ['low-rank-out', 'first[0] += weights', 'first[0] = weights', 'f16', 6],
  ['shared/shifted', 'row.mean.y) * row.scale.y', 'row.mean.y) * row.scale.x', 'f16', 6],
  ['v7/wkv', '(first[n * c4 + c] - v) *', '(first[n * c4 + c] + v) *', 'f16', 7],
] as const

test.each(faults)('the self-test finds a fault in %s: %s computed as %s', (_, right, wrong, codec, version) =>
  withGpu(async (gpu) => {
    const architecture = architectures.find((one) => one.version === version) as Architecture
    const spoiled = spoil(gpu.device, right, wrong)
    const place = createGpuPlace(gpu, { preset: softwarePreset, kernels: createKernelCache(gpu) })
    expect(await selfTest(place, { architecture, codec })).toBe(false)
    expect(spoiled()).toBeGreaterThan(0)
  }),
)

test.each([
  ['shared/subgroup', 'subgroupBroadcast(mine, 3u)', 'subgroupBroadcast(mine, 2u)'],
  ['matmul', 'high3 += high', 'high3 -= high'],
  ['matmul', 'high1 += high * inputs1;\n    }', '}'],
])('where there are subgroups, the self-test finds a fault in %s: %s computed as %s', (_, right, wrong) =>
  withGpu(async (gpu) => {
    const architecture = architectures.find(({ version }) => version === 4) as Architecture
    const spoiled = spoil(gpu.device, right, wrong)
    const place = createGpuPlace(gpu, { preset: softwareSubgroupPreset, kernels: createKernelCache(gpu) })
    expect(await selfTest(place, { architecture, codec: 'f16' })).toBe(false)
    expect(spoiled()).toBeGreaterThan(0)
  }),
)

/** Formats as a file of Q4_K_M has them, and what else blocks of GGUF may be. */
const mixes = [
  { products: ['q4_k', 'q6_k'], embedding: 'q4_k', head: 'q6_k', exact: 'f32' },
  { products: ['q5_k', 'q5_1', 'q4_1', 'q8'], embedding: 'q8', head: 'q5_k', exact: 'f16' },
] as const

test.each(mixes.flatMap((formats) => [6, 7].map((version) => ({ version, formats, products: formats.products }))))(
  'the self-test of version $version finds right kernels right: a mix of $products',
  ({ version, formats }) =>
    withGpu(async (gpu) => {
      const architecture = architectures.find((one) => one.version === version) as Architecture
      const place = createGpuPlace(gpu, { preset: softwarePreset, kernels: createKernelCache(gpu) })
      expect(await selfTestOfMix(place, { architecture, ...formats })).toBe(true)
    }),
)

test.each([
  ['weights/levels', 'place.word / 4u * 4u', '0u', 0],
  ['blocks/levels', 'inputs.high[0] * fields', 'inputs.low[0] * fields', 0],
  ['blocks/levels', '+ dot(inputs.sums, range.offset)', '', 0],
  ['levels/upper-one', '(upper.x >> word)', 'upper.x', 1],
  ['levels/upper-two', 'word % 4u * 2u', 'word % 4u', 0],
  ['levels/range-pairs', 'pair.yy', 'pair.xx', 1],
  ['levels/range-codes', '(codes >> 8u)', 'codes', 0],
  ['levels/range-bytes', '(bytes >> 8u)', 'bytes', 0],
] as const)('the self-test of a mix finds a fault in %s: %s computed as %s', (_, right, wrong, mix) =>
  withGpu(async (gpu) => {
    const architecture = architectures.find(({ version }) => version === 7) as Architecture
    const spoiled = spoil(gpu.device, right, wrong)
    const place = createGpuPlace(gpu, { preset: softwarePreset, kernels: createKernelCache(gpu) })
    expect(await selfTestOfMix(place, { architecture, ...mixes[mix] })).toBe(false)
    expect(spoiled()).toBeGreaterThan(0)
  }),
)
