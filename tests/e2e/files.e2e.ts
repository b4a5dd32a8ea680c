import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect, type Page, test } from '@playwright/test'
import type { StoredModel } from '../../src/core/protocol.ts'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { goldenPth } from '../tools/golden-pth.ts'
import { startHubServer } from '../tools/hub-server.mjs'
import { large169M } from '../tools/large-pth.ts'
import { startPageServer } from '../tools/page-server.ts'
import { watchWorkerMemory } from '../tools/worker-memory.ts'
import type { Outcome } from './files-page.ts'

let pages: Awaited<ReturnType<typeof startPageServer>>
let hub: Awaited<ReturnType<typeof startHubServer>>
test.beforeAll(async () => {
  pages = await startPageServer()
})
test.afterAll(() => pages.close())
test.beforeEach(async () => {
  hub = await startHubServer({ repository: 'a/b', files: [{ path: 'odd160.bf16.pth', parts: [await goldenPth()] }] })
})
test.afterEach(() => hub.close())

const openPage = async (page: Page): Promise<void> => {
  await page.goto(`${pages.url}tests/e2e/files-page.html`)
  await expect(page).toHaveTitle('ready')
}
const load = (page: Page, source: string | null, options: object = {}): Promise<Outcome> =>
  page.evaluate(
    ([source, options]) =>
      (globalThis as unknown as { load(...args: unknown[]): Promise<Outcome> }).load(source, options),
    [source, options] as const,
  )
const stored = (page: Page): Promise<StoredModel[]> =>
  page.evaluate(() => (globalThis as unknown as { storedModels(): Promise<StoredModel[]> }).storedModels())

test('a .pth of the Hub is kept, and loads again without the server, with the same logits', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  await openPage(page)
  const source = 'hf:a/b'
  const first = await load(page, source, { hubUrl: hub.url })
  expect(first).toMatchObject({ fromStore: false, phases: ['open', 'download', 'weights', 'compile', 'ready'] })
  expect(await stored(page)).toMatchObject([{ model: source, files: [{ name: 'odd160.bf16.pth' }] }])

  const sent = hub.state.served.length
  await page.reload()
  await expect(page).toHaveTitle('ready')
  const again = await load(page, source, { hubUrl: hub.url })
  expect(hub.state.served.length).toBe(sent)
  await hub.close()
  const offline = await load(page, source, { hubUrl: hub.url })
  for (const outcome of [again, offline]) {
    expect(outcome.error).toBeUndefined()
    expect(outcome).toMatchObject({ fromStore: true, logits: first.logits })
    expect(outcome.warnings).toEqual([expect.stringMatching(/how this model was taught to chat/)])
  }
  await page.evaluate(
    (model) => (globalThis as unknown as { removeStoredModel(model: string): Promise<void> }).removeStoredModel(model),
    source,
  )
  expect(await stored(page)).toEqual([])
  expect((await load(page, source, { hubUrl: hub.url })).error?.code).toBe('file/network')
})

test('GGUF files of every type predict on WebGPU what their values in f32 do on the CPU @verify', async ({ page }) => {
  test.setTimeout(240_000)
  await openPage(page)
  const loadGguf = (type: string, options: object): Promise<Outcome> =>
    page.evaluate(
      ([type, options]) =>
        (globalThis as unknown as { loadGguf(...args: unknown[]): Promise<Outcome> }).loadGguf(type, options),
      [type, options] as const,
    )
  for (const [type, weights] of [
    ...[
      ['Q8_0', 'q8'],
      ['Q5_0', 'q8'],
      ['IQ4_NL', 'q8'],
      ['Q4_0', 'q8'],
      ['Q4_1', 'q4_1'],
      ['Q5_1', 'q5_1'],
    ],
    ...[
      ['Q4_K', 'q4_k'],
      ['Q5_K', 'q5_k'],
      ['Q6_K', 'q6_k'],
      ['Q4_K_M', 'q4_k + q6_k'],
    ],
  ] as const) {
    const gpu = await loadGguf(type, {})
    const cpu = await loadGguf(type, { device: 'wasm', weights: 'f32' })
    expect(gpu, type).toMatchObject({ warnings: [], weights })
    expect([gpu.logits?.length, cpu.logits?.length]).toEqual([8, 8])
    for (const [i, value] of gpu.logits?.entries() ?? []) expect(value, type).toBeCloseTo(cpu.logits?.[i] as number, 3)
  }
})

test('files of the user load in the worker, and are not kept @verify', async ({ page }) => {
  await openPage(page)
  const file = join(await mkdtemp(join(tmpdir(), 'rwkv-')), 'mine.pth')
  await writeFile(file, await goldenPth())
  await page.getByLabel('files').setInputFiles(file)
  const mine = await load(page, null)
  expect(mine.error).toBeUndefined()
  expect(mine.logits).toEqual((await load(page, hub.fileUrl('odd160.bf16.pth'), { store: false })).logits)
  expect(await stored(page)).toEqual([])
})

for (const [profile, tag] of [
  ['a private', ' @verify'],
  ['a normal', ''],
] as const) {
  test(`with hardly any quota in ${profile} profile the model loads, is not kept, and the user is told${tag}`, async ({
    page,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), 'rwkv-profile-'))
    const normal =
      profile === 'a normal' &&
      (await chromium.launchPersistentContext(folder, { executablePath: ensureBrowser(), args: [...browserFlags] }))
    const tab = normal ? await normal.newPage() : page
    try {
      await openPage(tab)
      const session = await tab.context().newCDPSession(tab)
      const origin = new URL(pages.url).origin
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 })
      const { error, warnings, fromStore } = await load(tab, 'hf:a/b', { hubUrl: hub.url })
      expect(error).toBeUndefined()
      expect(warnings?.join()).toMatch(/not kept on this device.*room/)
      expect(fromStore).toBe(false)
      expect(await stored(tab)).toEqual([])
    } finally {
      if (normal) await normal.close()
    }
  })
}

test('two tabs that want a model at once fetch it once', { tag: '@firefox-verify' }, async ({ context }) => {
  const tabs = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all(tabs.map(openPage))
  const outcomes = await Promise.all(tabs.map((tab) => load(tab, 'hf:a/b', { hubUrl: hub.url })))
  expect(outcomes[0].error ?? outcomes[1].error).toBeUndefined()
  expect(outcomes[0].logits).toEqual(outcomes[1].logits)
  const large = hub.state.served.filter(({ sent }) => sent > 1_000_000)
  expect(large).toHaveLength(1)
})

test('a 169M .pth loads from the network and from the store in 64 MiB of JavaScript, through 20 cuts @large', async ({
  page,
}) => {
  test.setTimeout(600_000)
  const parts = large169M()
  const big = await startHubServer({ repository: 'a/big', files: [{ path: 'RWKV-4-169M.pth', parts }] })
  const byteLength = parts.reduce((sum, part) => sum + part.length, 0)
  try {
    await openPage(page)
    const memory = await watchWorkerMemory(page)
    let cuts = 20
    big.state.fault = ({ byteLength }) =>
      byteLength > 1_000_000 && cuts-- > 0 ? { cutAfter: Math.floor(Math.random() * 16_000_000) } : undefined
    const first = await load(page, 'hf:a/big', { hubUrl: big.url })
    expect(first.error).toBeUndefined()
    const fromNetwork = memory.takeMost()
    const sent = big.state.served.reduce((sum, entry) => sum + entry.sent, 0)
    const overhead = sent - byteLength

    big.state.fault = () => undefined
    const again = await load(page, 'hf:a/big', { hubUrl: big.url })
    expect(again).toMatchObject({ fromStore: true, logits: first.logits })
    const fromStore = memory.takeMost()
    await memory.stop()
    const quiet = await load(page, 'hf:a/big', { hubUrl: big.url, workerUrl: '/dist/rwkv.worker.js' })
    const plainMs = await page.evaluate(() => (globalThis as unknown as { plainRead(): Promise<number> }).plainRead())
    const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
    console.log(
      `169M: ${mib(byteLength)} MiB; network ${first.loadMs.toFixed(0)} ms, JS +${mib(fromNetwork.most)} MiB (${fromNetwork.samples} samples), ` +
        `fetched twice ${mib(overhead)} MiB in 20 cuts; store ${again.loadMs.toFixed(0)} ms (weights ${again.weightsMs.toFixed(0)}; built and unwatched ${quiet.loadMs.toFixed(0)}, weights ${quiet.weightsMs.toFixed(0)}), JS +${mib(fromStore.most)} MiB (${fromStore.samples} samples); plain read and writeBuffer ${plainMs.toFixed(0)} ms`,
    )
    expect(fromNetwork.samples).toBeGreaterThan(5)
    expect(Math.max(fromNetwork.most, fromStore.most)).toBeLessThan(64 * 2 ** 20)
    expect(overhead).toBeLessThan(20 * 8 * 2 ** 20)
  } finally {
    await big.close()
  }
})
