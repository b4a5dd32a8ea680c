import { open } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { startHubServer } from '../tools/hub-server.mjs'
import { large7, shapes } from '../tools/large-pth-7.ts'
import { startPageServer } from '../tools/page-server.ts'
import { watchWorkerMemory } from '../tools/worker-memory.ts'
import type { Opened } from './large-page.ts'

const PROMPT = [1, 33_000]
const MOST = 64 * 2 ** 20

for (const [size, ways] of [
  ['0.1B', 'from the Hub, from the store and from a drop'],
  ['0.4B', 'from the Hub'],
] as const) {
  test(`a .pth of the shape of RWKV-7 ${size} opens ${ways} in 64 MiB of JavaScript, and says what the oracle says @large`, async ({
    page,
  }, info) => {
    test.setTimeout(1_200_000)
    const { parts, greedy } = large7(shapes[size])
    const expected = greedy(PROMPT)
    expect(expected.margin).toBeGreaterThan(1e-3)
    expect(new Set(expected.ids).size).toBeGreaterThan(1)
    const pages = await startPageServer()
    const hub = await startHubServer({ repository: 'a/g1', files: [{ path: `rwkv7-g1-${size}.pth`, parts }] })
    try {
      await page.context().route('https://raw.githubusercontent.com/**', (route) => route.abort()) // the vocabulary
      await page.goto(`${pages.url}tests/e2e/large-page.html`)
      await expect(page).toHaveTitle('ready')
      const memory = await watchWorkerMemory(page)
      const call = <T>(name: string, ...given: unknown[]): Promise<T> =>
        page.evaluate(
          ([name, given]) =>
            (globalThis as unknown as Record<string, (...given: unknown[]) => Promise<T>>)[name](...given),
          [name, given] as const,
        )
      const judge = async (from: string, source: string | null, fromStore: boolean) => {
        const opened = await call<Opened>('openModel', source, { hubUrl: hub.url })
        const loading = memory.takeMost()
        const ids = await call<number[]>('greedy', PROMPT)
        const speaking = memory.takeMost()
        const mib = [loading, speaking].map(({ most }) => `+${(most / 2 ** 20).toFixed(1)}`).join(', then ')
        const seconds = (opened.loadMs / 1000).toFixed(1)
        console.log(`${size}, ${from}: ${seconds} s, MiB of JS ${mib} (${loading.samples} samples)`)
        expect([from, ids, opened.fromStore]).toEqual([from, expected.ids, fromStore])
        expect(loading.samples).toBeGreaterThan(2)
        expect(Math.max(loading.most, speaking.most)).toBeLessThan(MOST)
      }
      await judge('Hub', 'hf:a/g1', false)
      if (size === '0.1B') {
        const sent = hub.state.served.length
        await judge('store', 'hf:a/g1', true)
        expect(hub.state.served.length).toBe(sent)

        const file = info.outputPath('rwkv7-g1-dropped.pth')
        const written = await open(file, 'w')
        for (const part of parts) await written.write(part)
        await written.close()
        await page.getByLabel('files').setInputFiles(file)
        await judge('drop', null, true)
      }
      await memory.stop()
    } finally {
      await hub.close()
      await pages.close()
    }
  })
}
