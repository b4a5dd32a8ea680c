import { describe, expect, test } from 'vitest'
import { isQuantized, rowByteLength } from '../../src/core/weight-layout.ts'
import { createBuffer } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { matmul, type RowKernel, type Segment } from '../../src/kernels/matmul.ts'
import { createMatrix, type StackedRows, writeRows } from '../../src/kernels/matrix.ts'
import { gpuPreset, type Preset, softwarePreset } from '../../src/kernels/preset.ts'
import { worst } from '../tools/closeness.ts'
import { encoded } from '../tools/dequantize.ts'
import { bufferOf, contents, runOnce, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

interface Case {
  readonly rows: number
  readonly columns: number
  readonly N: number
  readonly segments?: readonly Segment[]
  readonly firstInput?: number
  readonly epilogue: 'store' | 'residual' | 'gatedResidual'
}

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

describe.each([softwarePreset, gpuPreset])('products with the $name preset', (preset) => {
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

interface Product extends Case {
  readonly preset: Preset
  /** The rows by codec. */
  readonly stacked: readonly StackedRows[]
  readonly kernel: RowKernel
  readonly maxBindingByteLength: number | undefined
}

const activated: Record<NonNullable<Segment['activation']>, (value: number) => number> = {
  none: (value) => value,
  squaredRelu: (value) => Math.max(value, 0) ** 2,
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  tanh: Math.tanh,
  silu: (x: number) => x / (1 + Math.exp(-x)),
}

/** Which segment row `r` is in. */
function segmentOf(segments: readonly Segment[], r: number): number {
  let end = 0
  return segments.findIndex(({ rows }) => {
    end += rows
    return r < end
  })
}

/** The kernel's product of random weights and inputs is that of a loop in float64. */
async function expectProduct(gpu: Gpu, product: Product): Promise<void> {
  const { preset, stacked, kernel, maxBindingByteLength, rows, columns, N, firstInput = 0, epilogue } = product
  const { segments = [{ rows }] } = product
  const gated = epilogue === 'gatedResidual'
  const inputStride = gated ? columns + rows : columns
  const random = randomArray(1, rows * columns)
  let firstRow = 0
  const parts = stacked.map(({ codec, rows }) => {
    const first = firstRow
    firstRow += rows
    return { first, ...encoded(random.slice(first * columns, firstRow * columns), codec, columns) }
  })
  const weights = parts.flatMap(({ values }) => [...values])
  const values = randomArray(2, (firstInput + segments.length) * N * inputStride)
  const outputStride = Math.ceil(rows / 4) * 4
  const before = randomArray(3, N * outputStride)

  const split = maxBindingByteLength && { maxBindingByteLength }
  const matrix = createMatrix(gpu, { label: 'w', columns, stacked, ...split })
  for (const { first, bytes } of parts) writeRows(gpu, matrix, first, bytes)
  const input = bufferOf(gpu, 'input', values)
  const out = bufferOf(gpu, 'out', before)
  const rowCount = createBuffer(gpu, { label: 'count', byteLength: 16, use: 'uniform' })
  gpu.device.queue.writeBuffer(rowCount.gpu, 0, new Uint32Array([N]))
  const specs = matmul({
    preset,
    kernel,
    matrix,
    segments,
    firstInput,
    input,
    inputStride,
    out,
    epilogue,
    rowCount,
    count: 'rows',
  })
  await runOnce(gpu, specs, { rows: N, entries: 1, outputs: N })
  const got = await contents(gpu, out)

  const expected: number[] = []
  const actual: number[] = []
  for (let n = 0; n < N; n++) {
    for (let r = 0; r < rows; r++) {
      const segment = segmentOf(segments, r)
      let sum = 0
      for (let c = 0; c < columns; c++)
        sum +=
          (weights[r * columns + c] as number) * (values[((firstInput + segment) * N + n) * inputStride + c] as number)
      const at = n * outputStride + r
      const was = before[at] as number
      const gate = values[n * inputStride + columns + r] as number
      const value = activated[segments[segment].activation ?? 'none'](sum)
      expected.push({ store: value, residual: was + value, gatedResidual: was + gate * value }[epilogue])
      actual.push(got[at] as number)
    }
  }
  const found = worst(actual, expected, { atol: 2e-5, rtol: 2e-5 })
  const which = `${epilogue} (${rows}, ${columns}) × ${N}, bindings of ${maxBindingByteLength ?? 'any'} bytes`
  expect(found.ratio, `${which}: element ${found.index}`).toBeLessThanOrEqual(1)
  for (const owned of [matrix, input, out, rowCount]) owned.dispose()
}

describe('rowByteLength', () => {
  test('a row of f16 takes half of one of f32', () => {
    expect((['f32', 'f16', 'bf16'] as const).map((codec) => rowByteLength(codec, 768))).toEqual([3072, 1536, 1536])
  })

  test('q8 takes 9 bits a weight, q4 takes 6, in whole blocks and whole vec4s', () => {
    expect((['q8', 'q4'] as const).map((codec) => rowByteLength(codec, 768))).toEqual([864, 576])
    expect((['q8', 'q4'] as const).map((codec) => rowByteLength(codec, 40))).toEqual([64 + 16, 32 + 16])
  })
})
