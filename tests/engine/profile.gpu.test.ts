import { describe, expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createDawn } from '../tools/dawn.ts'
import { tinyWeights, withTiny } from '../tools/tiny-model.ts'

describe('a profile', () => {
  test.each(['engine', 'worker'] as const)(
    'through the %s: each of the dispatches of a token has its time, and nothing stays behind',
    (through) =>
      withTiny(
        async (model) => {
          const { L } = model.info.config
          await model.profile() // allocates what a model allocates once
          const before = await model.counters()
          const times = (await model.profile()) ?? []
          const after = await model.counters()
          expect(after.gpuByteLength).toBe(before.gpuByteLength)
          expect(times.reduce((sum, { dispatches }) => sum + dispatches, 0)).toBe(6 * L + 4)
          const kernels = times.map(({ kernel }) => kernel)
          expect(kernels).toEqual(expect.arrayContaining(['kvr-wkv', 'matvec ffn.value', 'matvec head', 'sample']))
          expect(new Set(kernels).size).toBe(kernels.length)
          const elapsed = times.map(({ elapsedMs }) => elapsedMs)
          expect(Math.min(...elapsed)).toBeGreaterThanOrEqual(0)
          expect(elapsed).toEqual([...elapsed].sort((a, b) => b - a))
          expect(elapsed[0]).toBeGreaterThan(0)
        },
        { through },
      ),
  )

  test('of many tokens is that of a prompt; sessions go on as if it had not been; other numbers are refused', () =>
    withTiny(async (model) => {
      const sampling = { temperature: 0, maxTokens: 4 }
      const [session, other] = [await model.createSession({ sampling }), await model.createSession({ sampling })]
      await session.append('one')
      await other.append('one')
      const times = (await model.profile({ tokens: 9 })) ?? []
      expect(times.map(({ kernel }) => kernel)).toContain('matmul ffn.value')
      expect((await session.prompt('two').summary).ids).toEqual((await other.prompt('two').summary).ids)
      for (const tokens of [0, 257, 1.5])
        await expect(model.profile({ tokens })).rejects.toMatchObject({ code: 'option/invalid' })
    }))

  test('is undefined where the adapter offers no timestamp queries', async () => {
    const gpu = {
      async requestAdapter() {
        const adapter = (await createDawn().requestAdapter()) as GPUAdapter
        return {
          info: adapter.info,
          limits: adapter.limits,
          features: new Set(),
          requestDevice: (wanted: GPUDeviceDescriptor) => adapter.requestDevice(wanted),
        }
      },
    }
    const engine = createEngine({ gpu: gpu as unknown as GPU, device: 'webgpu', fetch: fileFetch })
    const model = await engine.loadModel(tinyWeights)
    expect(await model.profile()).toBeUndefined()
    await engine.dispose()
  })
})
