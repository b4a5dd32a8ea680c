import { describe, expect, test } from 'vitest'
import type { BlockFormat } from '../../src/core/protocol.ts'
import { isQuantized, levels, rowByteLength } from '../../src/core/weight-layout.ts'
import { gpuPreset, softwarePreset, softwareSubgroupPreset } from '../../src/kernels/preset.ts'
import { type Case, expectProduct } from '../tools/expect-product.ts'
import { withGpu } from '../tools/gpu.ts'

const cases: readonly Case[] = [
  { rows: 64, columns: 64, N: 1, epilogue: 'store' },
  { rows: 515, columns: 160, N: 1, epilogue: 'store' }, // rows not a multiple of a tile
  { rows: 515, columns: 160, N: 13, epilogue: 'store' }, // nor tokens
  { rows: 480, columns: 160, N: 5, segments: [{ rows: 160 }, { rows: 160 }, { rows: 160 }], epilogue: 'store' },
  {
    rows: 560 + 160,
    columns: 160,
    N: 3,
    segments: [
      { rows: 560, activation: 'squaredRelu' },
      { rows: 160, activation: 'sigmoid' },
    ],
    epilogue: 'store',
  },
  {
    rows: 136,
    columns: 160,
    N: 3,
    segments: [{ rows: 8 }, { rows: 24, activation: 'tanh' }, { rows: 64 }, { rows: 40, activation: 'sigmoid' }],
    firstInput: 2,
    epilogue: 'store',
  },
  { rows: 160, columns: 160, N: 9, epilogue: 'residual' },
  { rows: 160, columns: 560, N: 2, epilogue: 'gatedResidual' },
  { rows: 4, columns: 4, N: 33, epilogue: 'store' },
]

const presets = [
  { called: 'software', preset: softwarePreset },
  { called: 'software, by subgroup', preset: softwareSubgroupPreset },
  { called: 'gpu', preset: gpuPreset },
]

describe.each(presets)('products with the preset $called', ({ preset }) => {
  for (const codec of ['f32', 'f16', 'bf16', 'q8', 'q4'] as const) {
    const isSlow = isQuantized(codec) // to compile: a row of blocks split over bindings, short blocks, an odd row count
    const bindings = isSlow ? [32 * 1024] : [undefined, 32 * 1024]
    test.each(['matvec', 'matmul'] as const)(`%s ${codec}: every shape, in one binding and in several`, (kernel) =>
      withGpu(async (gpu) => {
        for (const maxBindingByteLength of bindings)
          for (const shape of isSlow ? [cases[2], cases[6]] : cases)
            await expectProduct(gpu, {
              ...shape,
              preset,
              stacked: [{ codec, rows: shape.rows }],
              kernel,
              maxBindingByteLength,
            })
      }),
    )
  }
})

test('stacked matrices of several codecs are multiplied each in its own', () =>
  withGpu(async (gpu) => {
    const shape = { rows: 160 + 560 + 160, columns: 160, N: 1, epilogue: 'store' } as const
    const segments = [{ rows: 160 }, { rows: 560, activation: 'squaredRelu' }, { rows: 160 }] as const
    const stacked = (['q8', 'f16', 'f16'] as const).map((codec, i) => ({ codec, rows: segments[i].rows }))
    const maxBindingByteLength = undefined
    for (const kernel of ['matvec', 'matmul'] as const)
      await expectProduct(gpu, { ...shape, segments, preset: softwarePreset, stacked, kernel, maxBindingByteLength })
  }))

describe('rowByteLength', () => {
  test('a row of f16 takes half of one of f32', () => {
    expect((['f32', 'f16', 'bf16'] as const).map((codec) => rowByteLength(codec, 768))).toEqual([3072, 1536, 1536])
  })

  test('blocks of GGUF take the bits of the file, and an eighth or a quarter of one for what becomes f32', () => {
    const bits = (codec: BlockFormat) => (rowByteLength(codec, 2048) * 8) / 2048
    expect((Object.keys(levels) as BlockFormat[]).map((codec) => [codec, bits(codec)])).toEqual([
      ['q4_1', 5],
      ['q5_1', 6],
      ['q4_k', 4.75],
      ['q5_k', 5.75],
      ['q6_k', 6.625],
    ])
  })

  test('q8 takes 9 bits a weight, q4 takes 6, in whole blocks and whole vec4s', () => {
    expect((['q8', 'q4'] as const).map((codec) => rowByteLength(codec, 768))).toEqual([864, 576])
    expect((['q8', 'q4'] as const).map((codec) => rowByteLength(codec, 40))).toEqual([64 + 16, 32 + 16])
  })
})
