import { expect, test } from '@playwright/test'
import { startPageServer } from '../tools/page-server.ts'

/** A worker that opens a temporary file with one record of its `seed`; then reads it back, or closes it, when told. */
const WORKER = `onmessage = async ({ data: { store, seed } }) => {
  const { createOpfsStore } = await import(store)
  const temporaryFile = await createOpfsStore().openTemporaryFile(4096)
  const place = temporaryFile.put(new Uint8Array(4096).fill(seed))
  onmessage = async ({ data }) => {
    if (data === 'close') await temporaryFile.close()
    postMessage(data === 'close' ? 'closed' : new Set(temporaryFile.get(place)).size === 1 && temporaryFile.get(place)[0])
  }
  postMessage('open')
}`

/** Runs in the page. */
interface Tabs {
  open(seed: number): Promise<void>
  say(seed: number, word: 'read' | 'close'): Promise<unknown>
  crash(seed: number): void
  temporaryFiles(): Promise<number>
}

test('a temporary file in the private file system: a crashed owner leaves one that goes, a living one keeps its own', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  const server = await startPageServer()
  await page.goto(`${server.url}tests/e2e/files-page.html`)
  await page.evaluate((code) => {
    const workers = new Map<number, Worker>()
    const answer = (worker: Worker, message: unknown) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = ({ message }) => reject(new Error(message))
        worker.postMessage(message)
      })
    const store = new URL('/src/store/store.ts', location.href).href
    const tabs: Tabs = {
      async open(seed) {
        const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
        workers.set(seed, worker)
        await answer(worker, { store, seed })
      },
      say: (seed, word) => answer(workers.get(seed) as Worker, word),
      crash: (seed) => workers.get(seed)?.terminate(),
      async temporaryFiles() {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('rwkv')
        const names: string[] = []
        for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name)
        return names.filter((name) => name.startsWith('temporary-')).length
      },
    }
    Object.assign(globalThis, { tabs })
  }, WORKER)
  const tabs = <T>(work: (tabs: Tabs) => Promise<T>): Promise<T> =>
    page.evaluate(`(${work})(tabs)`) as unknown as Promise<T>

  await tabs((tabs) => tabs.open(1))
  await tabs((tabs) => tabs.open(2))
  expect(await tabs((tabs) => tabs.temporaryFiles())).toBe(2)
  await tabs(async (tabs) => tabs.crash(2))
  await expect(async () => {
    await tabs((tabs) => tabs.open(3)) // sweeps
    await tabs((tabs) => tabs.say(3, 'close'))
    expect(await tabs((tabs) => tabs.temporaryFiles())).toBe(1)
  }).toPass() // the browser takes a moment to end a worker's locks
  expect(await tabs((tabs) => tabs.say(1, 'read'))).toBe(1)
  await tabs((tabs) => tabs.say(1, 'close'))
  expect(await tabs((tabs) => tabs.temporaryFiles())).toBe(0)
  await server.close()
})
