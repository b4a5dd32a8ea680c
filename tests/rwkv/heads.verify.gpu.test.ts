import { describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { createOracleModel, mostProbable, type OracleState } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { rounded } from '../tools/dequantize.ts'
import { createForward } from '../tools/forward.ts'
import { withGpu } from '../tools/gpu.ts'

const near = { atol: 1e-3, rtol: 1e-3 }
const sizes = { L: 2, C: 256, F: 776, V: 264 } as const
const prompt = Array.from({ length: 19 }, (_, i) => (i * 97 + 3) % sizes.V)
const versions: readonly (readonly [name: string, config: Omit<ModelConfig, 'headSize'>])[] = [
  ['6', { ...sizes, version: 6, ranks: { mix: 24, decay: 40 } }], // no powers of two
  ['5.2', { ...sizes, version: 5, minor: 2 }],
  ['5.1', { ...sizes, version: 5, minor: 1 }],
  ['5.0', { ...sizes, version: 5, minor: 0 }],
]

/** What a state with heads holds, as it lies on the GPU: f32 (L, R, C). */
const rowsOf = (state: OracleState) =>
  state.flatMap((layer) => ('s' in layer ? [...layer.attX, ...layer.ffnX, ...layer.s] : []))

/** A prompt at once, the same token by token and among others, then greedy ids: all as the oracle has it. */
async function expectOracle(gpu: Gpu, config: ModelConfig, options: Parameters<typeof createForward>[2]) {
  const checkpoint = createSeededCheckpoint(tensorsOf(config), 5)
  const { codec } = options ?? {}
  const oracle = await createOracleModel(codec === 'q8' || codec === 'q4' ? rounded(checkpoint, codec) : checkpoint)
  const { forward, pool, dispose } = await createForward(gpu, checkpoint, { ...options, slots: 4 })
  const [whole, single, among, other] = await Promise.all([0, 1, 2, 3].map(() => pool.allocate()))
  const known = oracle.createState()
  let expected = oracle.feed(known, prompt)
  let [logits] = await forward.step([{ slot: whole, ids: prompt, outputs: 'last' }])
  expectClose(logits, expected, near)
  expectClose(await pool.read(whole), rowsOf(known), near)
  for (const id of prompt) [logits] = await forward.step([{ slot: single, ids: [id], outputs: 'last' }])
  expectClose(logits, expected, near)
  await forward.step([{ slot: among, ids: prompt.slice(0, 7), outputs: 'none' }])
  const batch = [
    { slot: other, ids: prompt.toReversed(), outputs: 'none' },
    { slot: among, ids: prompt.slice(7), outputs: 'last' },
  ] as const
  ;[logits] = await forward.step(batch)
  expectClose(logits, expected, near)
  for (let i = 0; i < 8; i++) {
    const id = mostProbable(expected)
    expect(mostProbable(logits)).toBe(id)
    ;[logits] = await forward.step([{ slot: whole, ids: [id], outputs: 'last' }])
    expected = oracle.feed(known, [id])
  }
  dispose()
}

describe.each(versions)('RWKV-%s is the oracle’s', (_, config) => {
  test.each([16, 32, 64, 128])('with heads of %d channels', (headSize) =>
    withGpu((gpu) => expectOracle(gpu, { ...config, headSize }, { preset: softwarePreset })),
  )

  test.each(['f16', 'bf16', 'q8', 'q4'] as const)('in %s', (codec) =>
    withGpu((gpu) => expectOracle(gpu, { ...config, headSize: 64 }, { codec, preset: softwarePreset })),
  )

  test.each(['f32', 'q8'] as const)('with the gpu preset in %s', { timeout: 300_000 }, (codec) =>
    withGpu((gpu) => expectOracle(gpu, { ...config, headSize: 64 }, { codec, preset: gpuPreset })),
  )

  test('in a trace: x, r, k, v and what the heads say', () =>
    withGpu(async (gpu) => {
      const own = { ...config, headSize: 64 }
      const checkpoint = createSeededCheckpoint(tensorsOf(own), 5)
      const oracle = await createOracleModel(checkpoint)
      const seen = new Map<string, number[]>()
      const state = oracle.createState()
      oracle.feed(state, prompt, (layer, name, value) => {
        seen.set(`${layer} ${name}`, [...(seen.get(`${layer} ${name}`) ?? []), ...value])
      })
      const { forward, pool, dispose } = await createForward(gpu, checkpoint)
      const entry = { slot: await pool.allocate(), ids: prompt, outputs: 'last' } as const
      const { layers } = await forward.trace(entry, { layers: [0, 1], of: ['x', 'r', 'k', 'v', 'wkv'] })
      layers.forEach((traced, layer) => {
        for (const [name, value] of traced)
          expectClose(value, seen.get(`${layer} ${name === 'wkv' ? 'y' : name}`) ?? [], near)
      })
      expect(layers.map(({ size }) => size)).toEqual([5, 5])
      dispose()
    }))
})
