import { readFile } from 'node:fs/promises'
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { startHubServer } from '../tools/hub-server.mjs'
import { storytellerFolder, storytellerPth } from '../tools/storyteller-pth.ts'
import { ask, limitReplies, list, openChat, replies, status } from './chat-page.ts'
import { serverAnswer } from './server-answer.ts'
import { expectSound, openView } from './view-page.ts'

const HUB = 'https://huggingface.co'
const WEIGHTS = 'RWKV-4-World-0.1B-v1-20230520-ctx4096.pth'
const CHUNK = 8 * 1024 * 1024

test.use({ serviceWorkers: 'block' })

/** The Hub, as far as this browser sees: our server, under its name, and a hand on what is long. */
async function serveHub(context: BrowserContext) {
  const hub = await startHubServer({
    repository: 'BlinkDL/rwkv-4-world',
    files: [
      { path: WEIGHTS, parts: [await storytellerPth()] },
      { path: 'rwkv_vocab.txt', parts: [await readFile(new URL('vocab.txt', storytellerFolder))] },
    ],
  })
  let cutAt: number | undefined
  const held: (() => void)[] = []
  await context.route(`${HUB}/**`, async (route) => {
    const request = route.request()
    const answer = await serverAnswer(route, request.url().replace(HUB, hub.url))
    if (!answer) return
    const { response, body } = answer
    const isLong = request.url().endsWith(WEIGHTS) && body.length > 100_000
    if (!isLong || cutAt === undefined) return route.fulfill({ response, body })
    const offset = Number(/bytes=(\d+)-/.exec((await request.allHeaders()).range ?? '')?.[1] ?? 0)
    if (offset >= cutAt) return void held.push(() => void route.abort()) // and says nothing
    const { 'content-length': _, ...headers } = response.headers()
    await route.fulfill({ status: response.status(), headers, body: body.subarray(0, cutAt - offset) })
  })
  return {
    state: hub.state,
    /** Answer the weights up to this byte; then let them wait. */
    cut: (at: number | undefined) => {
      cutAt = at
      for (const release of held.splice(0)) release()
    },
    close: () => hub.close(),
  }
}

const models = (page: Page) => openView(page, 'Models')

test('a model is downloaded with a pause, kept, opened from here, and deleted', { tag: '@firefox-verify' }, async ({
  page,
  context,
}) => {
  const hub = await serveHub(context)
  try {
    await openChat(page)
    const view = await models(page)
    const card = view.getByRole('listitem').filter({ hasText: 'RWKV-4 World 0.1B' })
    await expect(card).toContainText('386.0 MB to download · licence: Apache-2.0')
    await expect(card).toContainText('Not on this device')
    const builtIn = view.getByRole('listitem').filter({ hasText: 'storyteller' })
    await expect(builtIn).toContainText('On this device, 9.0 MB')

    hub.cut(CHUNK + 50_000)
    await card.getByRole('button', { name: 'Download: RWKV-4 World 0.1B' }).click()
    await expect(card).toContainText(/8\.4 MB of 9\.\d MB/)
    await expect(card.getByRole('progressbar', { name: 'Download of RWKV-4 World 0.1B' })).toBeVisible()
    await card.getByRole('button', { name: 'Pause: RWKV-4 World 0.1B' }).click()
    await expect(card).toContainText(/Paused at 8\.4 MB of 9\.\d MB/)
    await expect(card.getByRole('button', { name: 'Resume: RWKV-4 World 0.1B' })).toBeFocused()
    await card.getByRole('button', { name: 'Cancel: RWKV-4 World 0.1B' }).click()
    await expect(card).toContainText(/8\.4 MB of .* is on this device/) // what has come stays
    await expectSound(page)

    hub.cut(undefined)
    await card.getByRole('button', { name: 'Resume: RWKV-4 World 0.1B' }).click()
    await expect(card).toContainText('On this device, 9.')
    expect(hub.state.served.at(-1)?.offset).toBe(CHUNK)

    const sent = hub.state.served.length
    await page.getByRole('link', { name: 'Open: RWKV-4 World 0.1B' }).click()
    await expect(status(page)).toContainText('RWKV-4-World-0.1B')
    expect(hub.state.served.length).toBe(sent)
    await models(page)
    await expect(card).toContainText('In use')
    await card.getByRole('button', { name: 'Delete: RWKV-4 World 0.1B' }).click()
    await card.getByRole('button', { name: 'Really delete?: RWKV-4 World 0.1B' }).click()
    await expect(card).toContainText('Not on this device')
  } finally {
    await hub.close()
  }
})

test('what fits is found by asking the GPU, a name is added, and the browser is asked to keep things', async ({
  page,
}) => {
  // A GPU of 1.2 GB; the model itself runs in the worker, on the real one.
  await page.addInitScript(() => {
    let given = 0
    const device = {
      lost: new Promise(() => {}),
      pushErrorScope() {},
      popErrorScope: async () => (given > 1.2e9 ? { message: 'no' } : null),
      createBuffer({ size }: { size: number }) {
        given += size
        return { destroy: () => (given -= size) }
      },
      destroy() {},
    }
    const adapter = { info: { architecture: 'made-up', description: '' }, requestDevice: async () => device }
    navigator.gpu.requestAdapter = async () => adapter as unknown as GPUAdapter
  })
  await openChat(page)
  const view = await models(page)
  const card = view.getByRole('listitem').filter({ hasText: 'RWKV-4 Pile 430M' })
  await card.getByText(/^Needs .* to 1\.7 GB of memory$/).click()
  await expect(card.getByRole('row', { name: /^f16 861\.3 MB not tested / })).toBeVisible()
  await view.getByRole('button', { name: 'Try it' }).click()
  await expect(view.getByText('1.0 GB was given, 2.0 GB was not.')).toBeVisible()
  await expect(card.getByRole('row', { name: /^f16 861\.3 MB fits / })).toBeVisible()
  await expect(card.getByRole('row', { name: /^f32, as in the file 1\.7 GB not tested / })).toBeVisible()
  const large = view.getByRole('listitem').filter({ hasText: 'RWKV-4 World 3B' })
  await large.getByText(/^Needs .* of memory$/).click()
  await expect(large.getByRole('row', { name: /^f16 6\.1 GB does not fit / })).toBeVisible()

  await view.getByRole('textbox', { name: 'Name or address' }).fill('hf:someone/rwkv-4-small')
  await page.keyboard.press('Enter')
  const added = view.getByRole('link', { name: 'Open: hf:someone/rwkv-4-small' })
  await expect(added).toBeFocused()
  await expect(added).toHaveAttribute('href', './?model=hf%3Asomeone%2Frwkv-4-small&device=webgpu')
  await view.getByRole('textbox', { name: 'Name or address' }).fill('models/storyteller/model.safetensors')
  await page.keyboard.press('Enter')
  const file = view.getByRole('listitem').filter({ hasText: '/model.safetensors' })
  await expect(file).toContainText('8.9 MB to download · licence: see its page')
  await expect(view.getByRole('meter', { name: 'Used by this page' })).toBeVisible()
  await view.getByRole('button', { name: 'Ask the browser to keep it' }).click()
  await expect(view.getByText(/The browser (has agreed|does not promise)/)).toBeVisible()
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('more than 500 MB are downloaded once their reader has agreed, less at once @verify', async ({
    page,
    context,
  }) => {
    const asked: string[] = []
    await context.route(`${HUB}/**`, (route) => {
      asked.push(route.request().url())
      return route.abort()
    })
    await openChat(page)
    await page.goto(new URL('#models', page.url()).href)
    const dialog = page.getByRole('dialog', { name: 'RWKV-7 G1 0.4B' })
    const download = (size: string) => page.getByRole('button', { name: `Download: RWKV-7 G1 ${size}` })
    await download('0.4B').tap()
    await expect(dialog).toContainText('This downloads 901.8 MB.')
    await dialog.getByRole('button', { name: 'Cancel' }).tap()
    await expect(dialog).toBeHidden()
    expect(asked).toEqual([])
    await download('0.4B').tap()
    await dialog.getByRole('button', { name: 'Download' }).tap()
    await expect.poll(() => asked.length).toBeGreaterThan(0)
    const before = asked.length
    await download('0.1B').tap()
    await expect.poll(() => asked.length).toBeGreaterThan(before)
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })
})

test('a model opens with the weights that are chosen, and goes on with the conversation @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 8)
  await ask(page, 'Tell me a story.')
  const view = await models(page)
  await view
    .getByText(/^Needs .* of memory$/)
    .first()
    .click()
  await view.getByRole('link', { name: 'Open with q8 weights: storyteller' }).click()
  await expect(status(page)).toContainText('5.9 MB of q8')
  await limitReplies(page, 8)
  await list(page).getByRole('link').first().click()
  await expect(replies(page)).toHaveCount(1)
  await ask(page, 'And then?')
  await expect(replies(page)).toHaveCount(2)
})
