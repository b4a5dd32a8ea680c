import { expect, test } from 'vitest'
import { exposeEngine, type Model } from '../../src/engine.ts'
import { createWorkerEngine, loadModel } from '../../src/index.ts'
import { goldenModel, withEngine } from '../tools/engine.ts'

const first = goldenModel('plain64.f32.safetensors')
const second = goldenModel('steep64.f32.safetensors')

/** Ids fed to a fresh state, which is disposed. */
async function use({ createState }: Pick<Model, 'createState'>, ids: readonly number[]): Promise<Float32Array> {
  const state = await createState()
  await state.feed(ids)
  const logits = await state.logits()
  await state.dispose()
  return logits
}

test('models of one engine have an account each; disposing one leaves the other and the device alone', () =>
  withEngine(async (engine, devices) => {
    const a = await engine.loadModel(first)
    const before = (await a.counters()).gpuByteLength
    const b = await engine.loadModel(second)
    expect(devices).toHaveLength(1)
    expect((await a.counters()).gpuByteLength).toBe(before)
    expect((await b.counters()).gpuByteLength).toBeGreaterThan(b.info.weightByteLength)
    const state = await a.createState()
    await state.feed([1, 2, 3])
    const logits = await state.logits()
    expect([(await a.counters()).tokens, (await b.counters()).tokens]).toEqual([3, 0])

    const orphan = await b.createState()
    const pending = orphan.feed(Array(300).fill(1))
    await b.dispose()
    await expect(pending).rejects.toMatchObject({ code: 'model/disposed' })
    await expect(orphan.feed([1])).rejects.toMatchObject({ code: 'model/disposed' })
    expect((await b.counters()).gpuByteLength).toBe(0)
    const again = await a.createState()
    await again.feed([1, 2, 3])
    expect(await again.logits()).toEqual(logits)
  }))

test('loads that begin together share the device and the budget', async () => {
  const sizes: number[] = []
  await withEngine(async (engine) => {
    const { info } = await engine.loadModel(first)
    sizes.push(info.weightByteLength + 8 * info.stateByteLength)
  })
  await withEngine(async (engine, devices) => {
    const budgetByteLength = 1.5 * (sizes[0] ?? NaN)
    const ends = await Promise.allSettled([1, 2].map(() => engine.loadModel(first, { budgetByteLength })))
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(ends.find((end) => end.status === 'rejected')?.reason).toMatchObject({ code: 'gpu/limits' })
    expect(devices).toHaveLength(1)
  })
})

test('after it was disposed an engine loads nothing and opens no device', () =>
  withEngine(async (engine, devices) => {
    await engine.dispose()
    for (const call of [engine.loadModel(first), engine.downloadModel(first)])
      await expect(call).rejects.toMatchObject({ code: 'gpu/disposed' })
    expect(devices).toHaveLength(0)
  }))

test('a model whose device was lost takes no part of the budget', () =>
  withEngine(async (engine, devices) => {
    const { info } = await engine.loadModel(first)
    const budgetByteLength = 1.5 * (info.weightByteLength + 8 * info.stateByteLength)
    await expect(engine.loadModel(first, { budgetByteLength })).rejects.toMatchObject({ code: 'gpu/limits' })
    devices[0]?.destroy()
    await devices[0]?.lost
    expect((await engine.loadModel(first, { budgetByteLength })).info.name).toBe(info.name)
    expect(devices).toHaveLength(2)
  }))

test('of loads that begin together, what the GPU refuses fails the one that asked for it', () => {
  let isLeft = true
  return withEngine(
    async (engine) => {
      const ends = await Promise.allSettled([engine.loadModel(first), engine.loadModel(first)])
      const models = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
      expect(ends.find((end) => end.status === 'rejected')?.reason).toMatchObject({ code: 'gpu/shader' })
      expect(models).toHaveLength(1)
      expect(await use(models[0], [1, 2, 3])).toEqual(await use(await engine.loadModel(first), [1, 2, 3]))
    },
    {
      onDevice(device) {
        const createBuffer = device.createBuffer.bind(device)
        device.createBuffer = (descriptor) => {
          const isWrong = isLeft && descriptor.label?.startsWith('state pool of 8')
          if (isWrong) isLeft = false
          return createBuffer(isWrong ? { ...descriptor, size: 2 ** 40 } : descriptor)
        }
      },
    },
  )
})

test('a model that goes while more states are made room for leaves no byte', () =>
  withEngine(async (engine) => {
    const model = await engine.loadModel(first)
    const states = Promise.allSettled(Array.from({ length: 20 }, () => model.createState()))
    await model.dispose()
    await states
    expect((await model.counters()).gpuByteLength).toBe(0)
  }))

test('through one worker: several models, of which the one not used for longest makes room', () =>
  withEngine(async (inner) => {
    const { port1, port2 } = new MessageChannel()
    exposeEngine(inner, port2)
    const engine = createWorkerEngine({ worker: Object.assign(port1, { terminate() {} }) as unknown as Worker })
    const a = await loadModel(first, { engine })
    const b = await loadModel(second, { engine })
    await use(b, [1])
    const expected = await use(a, [1, 2, 3]) // so it is b that was not used for longest
    const taken = (await a.counters()).gpuByteLength + (await b.counters()).gpuByteLength
    const budget = { budgetByteLength: taken + 1 }
    await expect(loadModel(second, { engine, ...budget })).rejects.toMatchObject({ code: 'gpu/limits' })
    const c = await loadModel(second, { engine, ...budget, evict: 'least-recently-used' })
    await expect(use(b, [1])).rejects.toMatchObject({ code: 'model/disposed', message: /make room for another/ })
    expect(await use(a, [1, 2, 3])).toEqual(expected)
    await use(c, [1])
    await c.dispose()
    await expect(use(c, [1])).rejects.toMatchObject({ code: 'model/disposed' })
    expect(await use(a, [1, 2, 3])).toEqual(expected) // the worker outlives its models
    engine.dispose()
    await expect(use(a, [1])).rejects.toMatchObject({ code: 'model/disposed' })
    for (const port of [port1, port2]) port.close()
  }))
