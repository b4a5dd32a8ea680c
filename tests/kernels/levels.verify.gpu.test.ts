import { test } from 'vitest'
import type { BlockFormat } from '../../src/core/protocol.ts'
import { levels } from '../../src/core/weight-layout.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { expectProduct } from '../tools/expect-product.ts'
import { withGpu } from '../tools/gpu.ts'

test.each(Object.keys(levels) as BlockFormat[])('blocks of GGUF are multiplied as they are: %s', (codec) =>
  withGpu(async (gpu) => {
    const shape = { rows: 40, columns: 768, epilogue: 'store', stacked: [{ codec, rows: 40 }] } as const
    for (const N of [1, 3])
      for (const kernel of ['matvec', 'matmul'] as const)
        await expectProduct(gpu, { ...shape, N, preset: softwarePreset, kernel, maxBindingByteLength: 16 * 1024 })
    await expectProduct(gpu, { ...shape, N: 1, preset: gpuPreset, kernel: 'matvec', maxBindingByteLength: undefined })
  }),
)
