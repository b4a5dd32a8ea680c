import { stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { catalogue, weightByteLengthOf, weightFormats } from '../../src/client/catalogue.ts'
import { parseHubAddress } from '../../src/file/hub.ts'
import { weightByteLengthV4 } from '../../src/forward/memory-v4.ts'

test('the built-in model comes first, with the size its files have', async () => {
  const [first] = catalogue
  const folder = new URL('../../demo/public/models/storyteller/', import.meta.url)
  const sizes = ['model.safetensors', 'vocab.txt', 'model.json'].map(
    async (file) => (await stat(new URL(file, folder))).size,
  )
  expect(first).toMatchObject({ name: 'storyteller', isTried: true })
  expect(first.byteLength).toBe((await Promise.all(sizes)).reduce((sum, size) => sum + size))
})

test('every other entry is on the Hub, has a name of its own, a size and a licence', () => {
  for (const { source, byteLength, license } of catalogue.slice(1)) {
    expect(parseHubAddress(source).repository).toMatch(/^(BlinkDL|RWKV)\//)
    expect(byteLength).toBeGreaterThan(1e8)
    expect(license).not.toBe('')
  }
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length)
  expect(new Set(catalogue.map(({ source }) => source)).size).toBe(catalogue.length)
})

test('what has not been opened here is not said to have been', () => {
  expect(catalogue.filter(({ isTried }) => isTried).map(({ name }) => name)).toEqual(['storyteller'])
})

test('what the weights take on the GPU is what the engine counts, and in the file’s own format its size', () => {
  const dtypes = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const
  for (const entry of catalogue) {
    const { config, weights, byteLength } = entry
    const dtype = dtypes[weights as keyof typeof dtypes]
    for (const format of weightFormats)
      expect(weightByteLengthOf(entry, format)).toBe(weightByteLengthV4(config, format, dtype))
    expect(weightByteLengthOf(entry, weights) / byteLength).toBeCloseTo(1, 1)
  }
})
