/** @file Whether products of the kernels are those of a loop in float64. */

import { expect } from 'vitest'
import { hasLevels } from '../../src/core/weight-layout.ts'
import { createBuffer } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { matmul, type RowKernel, type Segment } from '../../src/kernels/matmul.ts'
import { createMatrix, type StackedRows, writeRows } from '../../src/kernels/matrix.ts'
import type { Preset } from '../../src/kernels/preset.ts'
import { worst } from './closeness.ts'
import { encoded } from './dequantize.ts'
import { bufferOf, contents, runOnce } from './gpu.ts'
import { randomArray } from './random-array.ts'
import { randomRows } from './random-blocks.ts'

/** A shape, and what is done with the product. */
export interface Case {
  readonly rows: number
  readonly columns: number
  readonly N: number
  readonly segments?: readonly Segment[]
  readonly firstInput?: number
  readonly epilogue: 'store' | 'residual' | 'gatedResidual'
}

/** What `expectProduct` takes. */
export interface Product extends Case {
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
export async function expectProduct(gpu: Gpu, product: Product): Promise<void> {
  const { preset, stacked, kernel, maxBindingByteLength, rows, columns, N, firstInput = 0, epilogue } = product
  const { segments = [{ rows }] } = product
  const gated = epilogue === 'gatedResidual'
  const inputStride = gated ? columns + rows : columns
  const random = randomArray(1, rows * columns)
  let firstRow = 0
  const parts = stacked.map(({ codec, rows }) => {
    const first = firstRow
    firstRow += rows
    const own = hasLevels(codec)
      ? randomRows(codec, rows, columns)
      : encoded(random.slice(first * columns, firstRow * columns), codec, columns)
    return { first, ...own }
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
