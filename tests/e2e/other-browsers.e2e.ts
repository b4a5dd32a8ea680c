/** @file Chromium in the place of browsers that lack something: what is told, and that nothing fails unheard. */

import { expect, type Locator, type Page, test } from '@playwright/test'
import {
  ask,
  beginWorkerWith,
  limitReplies,
  list,
  NO_ADAPTER,
  NO_WASM,
  NO_WEBGPU,
  openChat,
  REAL_GPU,
  recordSummaries,
  send,
  status,
  transcript,
  watchConsole,
} from './chat-page.ts'
import { goTo, openView } from './view-page.ts'

const NO_MODEL = 'This browser cannot run a model. The chat says what to do.'
const NOTHING_KEPT = 'This browser keeps no files for this page, so a model is fetched each time it is opened.'
const WEIGHTS = { name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from('none') }

const inUse = (models: Locator) => models.getByText('In use', { exact: true }).filter({ visible: true })
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' })

test.use({ serviceWorkers: 'block' }) // one would answer for the worker's file

test('without WebGPU and WebAssembly every view says so in words, and none is wider than the page', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu')
    Reflect.deleteProperty(Navigator.prototype, 'storage')
  })
  await beginWorkerWith(page, `${NO_WEBGPU};${NO_WASM};Reflect.deleteProperty(WorkerNavigator.prototype, 'storage')`)
  const seen = watchConsole(page)
  await page.goto('./')
  await expect(page.locator('.unsupported')).toContainText('This browser has no WebGPU')
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(await fits()).toBe(0)

  for (const title of ['Compare', 'Form', 'State', 'Models', 'About']) {
    const view = await openView(page, title)
    await expect(view.getByText(NO_MODEL)).toBeVisible()
    expect(await fits(), title).toBe(0)
  }
  const pressed = async (title: string, name: string) => {
    const view = await openView(page, title)
    await view.getByRole('button', { name, exact: true }).click()
    return view
  }
  for (const [title, name] of [
    ['Lab', 'Write'],
    ['Lab', 'Evaluate'],
    ['Lab', 'Read and ask'],
    ['Bench', 'Measure'],
  ] as const)
    await expect((await pressed(title, name)).getByText(NO_MODEL).last()).toBeVisible()
  await expect((await openView(page, 'Bench')).getByText('This takes WebGPU, which is not here.')).toBeVisible()
  const state = await pressed('State', 'Save this state to a file')
  await expect(state.getByText(NO_MODEL)).toHaveCount(2)

  const models = await openView(page, 'Models')
  await expect(inUse(models)).toHaveCount(0)
  await models.getByRole('button', { name: 'Download: storyteller' }).click()
  await expect(models.getByText(NOTHING_KEPT)).toBeVisible()
  await expect(notices(page)).toBeEmpty()
  for (let times = 0; times < 2; times++) {
    await page.locator('#open-files').setInputFiles(WEIGHTS)
    await expect(notices(page)).toContainText(NO_MODEL)
    await notices(page).getByRole('button', { name: 'Dismiss' }).click()
  }
  const hidden = await page
    .locator('.visually-hidden')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))
  expect(Math.max(...hidden)).toBeLessThanOrEqual(1)
  expect(seen.filter((line) => !line.includes('blocked by Playwright'))).toEqual([])
})

test('where files are refused the model runs, and one sentence tells of it', async ({ page }) => {
  await beginWorkerWith(
    page,
    "navigator.storage.getDirectory = () => Promise.reject(new DOMException('refused', 'SecurityError'))",
  )
  const seen = watchConsole(page)
  await openChat(page)
  await expect(notices(page)).toHaveText(new RegExp(`^${NOTHING_KEPT}.?$`))
  const models = await openView(page, 'Models')
  await expect(inUse(models)).toHaveCount(1)
  await expect(models.getByText('Not on this device').first()).toBeVisible()
  await expect(notices(page).getByRole('status')).toHaveCount(1)
  expect(seen.filter((line) => !line.includes('blocked by Playwright'))).toEqual([])
})

test('a language that Intl refuses stops no view, and a view that fails tells why', async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu')
    Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C', configurable: true })
    Object.assign(globalThis, { IntersectionObserver: undefined })
  })
  await page.route('**/assets/bench-*.js', (route) => route.abort())
  await page.goto('./')
  await openView(page, 'Lab')
  await goTo(page, 'State')
  await expect(notices(page)).toContainText('State could not be opened: IntersectionObserver is not a constructor')
  await goTo(page, 'Bench')
  await expect(notices(page)).toContainText('Bench could not be fetched. Check the connection and try again.')
})

test('a GPU that is lost for good is made up for by the CPU when the reader tries again, and one line says so @verify', async ({
  page,
}) => {
  await beginWorkerWith(page, REAL_GPU)
  await openChat(page, '?greedy', 'auto')
  await expect(status(page)).toContainText('made-up')
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  const said = await transcript(page)
  await beginWorkerWith(page, NO_ADAPTER)
  await page.workers()[0]?.evaluate(() => {
    GPU.prototype.requestAdapter = () => Promise.reject(new Error('Not again.'))
    ;(globalThis as unknown as { device: GPUDevice }).device.destroy()
  })
  await send(page, 'Why?')
  await expect(page.getByRole('alert')).toContainText('The GPU stopped')

  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(status(page)).toContainText('The CPU')
  await expect(notices(page)).toHaveText(
    /^The GPU stopped, and the browser gives none again: the model runs on the CPU now\./,
  )
  await expect(page.getByRole('alert')).toHaveCount(0)
  await ask(page, 'And then?', 1)
  expect((await transcript(page)).slice(0, 2)).toEqual(said)
})

test('where no GPU is given again in time a reply goes on on the CPU, and the quiet line says so @verify', async ({
  page,
}) => {
  await beginWorkerWith(page, REAL_GPU)
  await openChat(page, '?greedy', 'auto')
  await expect(status(page)).toContainText('made-up')
  await limitReplies(page, 12, 12)
  await ask(page, 'Hello!')
  await page.workers()[0]?.evaluate(() => {
    GPU.prototype.requestAdapter = async () => null
    const { now } = performance
    performance.now = () => now.call(performance) * 100 // so that 30 seconds are soon over
    ;(globalThis as unknown as { device: GPUDevice }).device.destroy()
  })
  expect((await ask(page, 'Why?', 1)).tokens).toBe(12)
  await expect(page.locator('rwkv-chat [part=hint]')).toContainText('goes on elsewhere')
  await expect(status(page)).toContainText('The CPU')
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('behind two starts that the page did not outlive, what was said is there, and a safe start is offered @verify', async ({
  page,
  context,
}) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  await expect(list(page).getByRole('listitem')).toHaveCount(1)
  const said = await transcript(page)
  const address = page.url()
  await page.close()
  for (let times = 0; times < 2; times++) {
    const doomed = await context.newPage()
    await doomed.route('**/rwkv.worker*.js', () => {}) // so it loads until it goes down
    await doomed.goto(address)
    await expect(doomed.getByRole('progressbar')).toBeVisible()
    const crashed = doomed.waitForEvent('crash')
    const cdp = await context.newCDPSession(doomed)
    cdp.send('Page.crash').catch(() => {}) // nobody is left to answer
    await crashed
    await doomed.close()
  }

  const wary = await context.newPage()
  await recordSummaries(wary)
  const requests: string[] = []
  wary.on('request', (request) => requests.push(request.url()))
  await wary.goto(address)
  await expect(notices(wary)).toContainText('The last two times the model did not start')
  await expect.poll(() => transcript(wary)).toEqual(said)
  expect(requests.filter((url) => url.includes('/models/'))).toEqual([])
  await wary.getByRole('button', { name: 'Start safely' }).click()
  await expect(status(wary)).toContainText('storyteller')
  await limitReplies(wary, 4)
  await ask(wary, 'Why?')
  expect((await transcript(wary)).slice(0, 2)).toEqual(said)
  const { preset, steps, tokens } = await wary.locator('rwkv-chat').evaluate(async (chat) => {
    const { model } = chat as HTMLElementTagNameMap['rwkv-chat']
    return { preset: model?.info.preset, ...(await model?.counters()) }
  })
  expect(preset).toBe('software')
  expect(steps).toBe(tokens) // not two ids in one
})
