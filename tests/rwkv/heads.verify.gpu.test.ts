import { describe, test } from 'vitest'
import type { Gpu } from '../../src/gpu/device.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { createForward } from '../tools/forward.ts'
import { withGpu } from '../tools/gpu.ts'
import { expectOracle, expectTrace, type Run, versions } from './expect-oracle.ts'

const on =
  (gpu: Gpu, options: Parameters<typeof createForward>[2]): Run =>
  (checkpoint) =>
    createForward(gpu, checkpoint, { ...options, slots: 4 })

describe.each(versions)('RWKV-%s is the oracle’s', (_, config) => {
  const usual = { ...config, headSize: 64 }

  test.each([16, 32, 64, 128])('with heads of %d channels', (headSize) =>
    withGpu((gpu) => expectOracle(on(gpu, { preset: softwarePreset }), { ...config, headSize })),
  )

  test.each(['f16', 'bf16', 'q8', 'q4'] as const)('in %s', (codec) =>
    withGpu((gpu) => expectOracle(on(gpu, { codec, preset: softwarePreset }), usual, codec)),
  )

  test.each(['f32', 'q8'] as const)('with the gpu preset in %s', { timeout: 300_000 }, (codec) =>
    withGpu((gpu) => expectOracle(on(gpu, { codec, preset: gpuPreset }), usual, codec)),
  )

  test('in a trace: x, r, k, v and what the heads say', () => withGpu((gpu) => expectTrace(on(gpu, {}), usual)))
})
