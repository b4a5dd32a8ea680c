import { expect, test } from 'vitest'
import { createStore } from '../../src/engine.ts'
import { goldenModel, liveBuffers, storyteller, withEngine } from '../tools/engine.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { lossOf } from '../tools/quantisation-loss.ts'

test('a model of 64 channels and odd sizes predicts ids in q8 as in f32', async () => {
  const ids = Array.from({ length: 65 }, (_, i) => (i * 37) % 260)
  const [q8] = await lossOf(goldenModel('plain64.f32.safetensors'), ids, ['q8'])
  expect(Math.abs(q8.loss)).toBeLessThan(0.005)
})

test('what was quantised is kept beside the model, read at the next start, made anew when damaged, and removed with it', () => {
  const { disk, directory } = createFakeDirectory()
  const store = createStore({ open: async () => directory })
  return withEngine(
    async (engine) => {
      const source = goldenModel('plain64.f32.safetensors')
      const logits = async () => {
        const model = await engine.loadModel(source, { weights: 'q8' })
        const state = await model.createState()
        await state.feed([1, 2, 3])
        const found = await state.logits()
        await model.dispose()
        return found
      }
      const first = await logits()
      const [{ files, storedByteLength }] = await store.list()
      expect(files.some(({ name }) => name.endsWith('in q8'))).toBe(true)
      expect(files.length).toBe(2)
      expect(storedByteLength).toBe(files[0].byteLength + files[1].byteLength)
      expect(await logits()).toEqual(first)

      const copy = [...disk.files].find(([path, { byteLength }]) => path.endsWith('/data') && byteLength < 500_000)?.[1]
      expect(copy).toBeDefined()
      copy?.bytes.fill(1)
      await expect(logits()).rejects.toMatchObject({ code: 'store/corrupt' })
      expect(await logits()).toEqual(first)
      expect((await store.list())[0].files.length).toBe(2)
      await store.remove(source)
      expect(await store.list()).toEqual([])
    },
    { store },
  )
})

test('a load for whose weights there is no room leaves no file open and no buffer, and the next one keeps what it makes', () => {
  const { disk, directory } = createFakeDirectory()
  const store = createStore({ open: async () => directory })
  let buffers: ReadonlySet<GPUBuffer> = new Set()
  let isFull = true
  return withEngine(
    async (engine) => {
      const source = goldenModel('plain64.f32.safetensors')
      await expect(engine.loadModel(source, { weights: 'q8' })).rejects.toThrow('full')
      expect([...disk.files.values()].filter(({ isOpen }) => isOpen)).toEqual([])
      expect(buffers.size).toBe(0)
      isFull = false
      await (await engine.loadModel(source, { weights: 'q8' })).dispose()
      expect((await store.list())[0].files.length).toBe(2)
    },
    {
      store,
      onDevice(device) {
        const createBuffer = device.createBuffer.bind(device)
        device.createBuffer = (descriptor) => {
          if (isFull && descriptor.label?.startsWith('head')) throw new RangeError('full')
          return createBuffer(descriptor)
        }
        buffers = liveBuffers(device)
      },
    },
  )
})

test('weights of no known format are refused by name', () =>
  withEngine(async (engine) => {
    const weights = 'q5' as unknown as 'q4'
    await expect(engine.loadModel(storyteller, { weights })).rejects.toMatchObject({
      code: 'option/invalid',
      message: expect.stringMatching(/q5.*q8.*q4/),
    })
  }))
