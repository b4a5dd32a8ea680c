import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNodeEngine, type Engine, type LoadOptions, type ModelSource } from '../../src/node.ts'
import { goldenFolder } from '../tools/golden.ts'

const storyteller = fileURLToPath(new URL('../../demo/public/models/storyteller/', import.meta.url))
const golden = join(goldenFolder, 'models/plain64.f32.safetensors')
const here = (path: string) => `./${relative(process.cwd(), path)}`

let place = ''
let engine: Engine
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'rwkv-node-'))
  engine = await createNodeEngine({ device: 'wasm' })
})
afterAll(async () => {
  await engine.dispose()
  await rm(place, { recursive: true })
})

describe('a model is read from disk', () => {
  const vocabulary = here(join(storyteller, 'vocab.txt'))
  test.each<[string, () => ModelSource | Promise<ModelSource>, LoadOptions?]>([
    ['the path of a folder', () => storyteller],
    ['a relative path', () => here(storyteller)],
    ['the URL of a folder', () => pathToFileURL(storyteller)],
    ['the paths of weights and vocabulary', () => here(join(storyteller, 'model.safetensors')), { vocabulary }],
    ['a URL as text', () => pathToFileURL(join(storyteller, 'model.safetensors')).href, { vocabulary }],
    [
      'a folder whose files have names of their own',
      async () => {
        const folder = join(place, 'mine')
        await cp(join(storyteller, 'model.safetensors'), join(folder, 'RWKV-4-mine.safetensors'))
        await cp(join(storyteller, 'vocab.txt'), join(folder, 'vocab.txt'))
        return folder
      },
    ],
  ])('by %s', async (_, source, options) => {
    const model = await engine.loadModel(await source(), options)
    expect(await model.decode(await model.encode('Tell me a story.'))).toBe('Tell me a story.')
    const { isGreedy } = await model.score('Once upon a', ' time')
    expect(isGreedy).toBe(true)
    await model.dispose()
  })
})

test('what is not there is told by its path; what is wrong is refused as in every engine', async () => {
  for (const [source, options] of [
    [join(place, 'none.pth'), {}],
    [golden, { vocabulary: join(place, 'none.pth') }],
  ] as const) {
    const refused = engine.loadModel(source, options)
    await expect(refused).rejects.toMatchObject({ code: 'file/not-found' })
    await expect(refused).rejects.toThrow(/nothing at .*none\.pth \(ENOENT\).*hf:owner\/repo/)
  }
  await expect(engine.loadModel(new URL('file://elsewhere/x'))).rejects.toMatchObject({ code: 'file/not-found' })
  await expect(engine.loadModel(golden, null as never)).rejects.toMatchObject({ code: 'option/invalid' })
  await expect(createNodeEngine({ gpus: 1 } as never)).rejects.toMatchObject({ code: 'option/invalid' })
})

test('without a GPU it speaks of drivers, not of browsers', async () => {
  const without = await createNodeEngine({ gpu: { requestAdapter: async () => null } as never })
  await expect(without.loadModel(golden, { device: 'webgpu' })).rejects.toMatchObject({
    code: 'gpu/unavailable',
    message: expect.stringMatching(/^Dawn found no GPU: install a driver for Vulkan/),
  })
  await without.dispose()
})
