import { expect, test } from 'vitest'
import { createEngine, createStore } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { goldenModel } from '../tools/engine.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'

test('a model is fetched into the store without a GPU, once, and not by whom has been told to stop', async () => {
  const { directory } = createFakeDirectory()
  const store = createStore({ open: async () => directory })
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = (url, options) => {
    asked.push(new Headers(options?.headers).get('range') ?? 'all')
    return fileFetch(url, options)
  }
  const engine = createEngine({ gpu: undefined, fetch, store })
  const source = goldenModel('odd160.bf16.safetensors')

  const stop = new AbortController()
  const onProgress = () => stop.abort()
  await expect(engine.downloadModel(source, { signal: stop.signal, onProgress })).rejects.toThrow(/abort/i)
  expect(await store.list()).toEqual([])

  const phases: string[] = []
  await engine.downloadModel(source, { onProgress: ({ phase }) => phases.push(phase) })
  expect(phases).toContain('download')
  const [kept] = await store.list()
  expect(kept).toMatchObject({ model: source, storedByteLength: kept?.byteLength })
  expect(kept?.byteLength).toBeGreaterThan(100_000)

  const before = asked.length
  await engine.downloadModel(source)
  expect(asked.length - before).toBeLessThan(before) // looks whether it has changed, and fetches nothing
  await engine.dispose()
})

test('a model that cannot be kept is no download, and the reason is told', async () => {
  const { disk, directory } = createFakeDirectory()
  disk.quota = 1000
  const source = goldenModel('odd160.bf16.safetensors')
  for (const [open, reason] of [
    [async () => directory, /kept on this device/],
    [() => Promise.reject(new DOMException('no', 'SecurityError')), /keeps no files for this page/],
  ] as const) {
    const engine = createEngine({ gpu: undefined, fetch: fileFetch, store: createStore({ open }) })
    const refusal = { code: 'store/unavailable', message: expect.stringMatching(reason) }
    await expect(engine.downloadModel(source)).rejects.toMatchObject(refusal)
    await engine.dispose()
  }
})
