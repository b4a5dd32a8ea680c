import { stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { catalogue, weightByteLengthOf } from '../../src/client/catalogue.ts'
import { parseHubAddress } from '../../src/file/hub.ts'

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

test('sizes of RWKV-7 G1 are those of its files, and q8 is recommended', () => {
  const g1 = catalogue.filter(({ config }) => config.version === 7)
  expect(g1.map(({ recommended }) => recommended)).toEqual(['q8', 'q8', 'q8'])
  for (const { byteLength, ...entry } of g1.slice(0, 2)) {
    // in their files, layer 0 has low-rank products for v that nothing reads, and each tensor a header
    const unused = 2 * 32 * 2 * entry.config.C
    const vectors = 2 * (16 * entry.config.L + 6) * entry.config.C // bf16 in the file, f32 on the GPU
    const rest = byteLength - (weightByteLengthOf(entry, 'bf16') - vectors + unused)
    expect(Math.abs(rest)).toBeLessThan(byteLength / 500)
  }
})

test('what has not been opened here is not said to have been', () => {
  expect(catalogue.filter(({ isTried }) => isTried).map(({ name }) => name)).toEqual(['storyteller'])
})

test('what the weights take on the GPU in the file’s own format is the size of the file', () => {
  for (const entry of catalogue) expect(weightByteLengthOf(entry, entry.weights) / entry.byteLength).toBeCloseTo(1, 1)
})

test.each([
  ['f32', 32],
  ['f16', 16],
  ['q8', 9], // but for the embedding, which stays in the 16 bits of the file
] as const)('%s weights of RWKV-4 World 0.1B take %d bits each', (format, bits) => {
  const [entry] = catalogue.filter(({ name }) => name === 'RWKV-4 World 0.1B')
  const matrices = 12 * (5 * 768 * 768 + 2 * 768 * 3072)
  const [embedding, vectors] = [65_536 * 768, (11 * 12 + 4) * 768]
  const all = (matrices + embedding) * bits + embedding * Math.max(bits, 16) + vectors * 32
  expect(weightByteLengthOf(entry, format)).toBe(all / 8)
})
