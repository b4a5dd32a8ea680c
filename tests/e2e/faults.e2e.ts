import { chromium, expect, type Page, test } from '@playwright/test'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { beginWorkerWith, costOf, NO_WASM, recordSummaries, send, status } from './chat-page.ts'
import { serverAnswer } from './server-answer.ts'

/** The fault's sentence is shown, and once the cause is gone, the page works. */
async function expectFaultAndRecovery(page: Page, sentence: RegExp): Promise<void> {
  await recordSummaries(page)
  await page.goto('./?greedy')
  await expect(page.getByRole('alert')).toContainText('The model could not be loaded.')
  await expect(page.getByRole('alert')).toContainText(sentence)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(status(page)).toContainText('storyteller')
  await send(page, 'Hello!')
  await costOf(page)
}

test.describe('bad input shows a sentence and leaves the page usable', () => {
  test('a broken weights file', async ({ page }) => {
    await page.route('**/model.safetensors', (route) =>
      route.fulfill({ status: 200, body: 'these are not weights, and not for long' }),
    )
    await expectFaultAndRecovery(page, /model\.safetensors.*expected/s)
  })

  test('a vocabulary that does not fit @verify', async ({ page }) => {
    await page.route('**/vocab.txt', async (route) => {
      const answer = await serverAnswer(route)
      if (!answer) return
      await route.fulfill({ body: answer.body.toString().split('\n').slice(0, 2000).join('\n') })
    })
    await expectFaultAndRecovery(page, /4096 token ids, vocab.txt has 2001/)
  })

  test('a 404 @verify', async ({ page }) => {
    await page.route('**/model.safetensors', (route) => route.fulfill({ status: 404, body: 'gone' }))
    await expectFaultAndRecovery(page, /model\.safetensors.*404|404.*model\.safetensors/s)
  })

  test('a worker that cannot load is an error, not a hang', async ({ page }) => {
    await page.route('**/rwkv.worker.js', (route) => route.fulfill({ status: 404, body: 'gone' }))
    await expectFaultAndRecovery(page, /worker of rwkv\.js did not load/)
  })
})

test('without an adapter and WebAssembly the page says what to do, by browser', async ({ baseURL }) => {
  const args = browserFlags.filter((flag) => !flag.includes('webgpu'))
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: [...args, '--disable-gpu'] })
  const page = await browser.newPage()
  await beginWorkerWith(page, NO_WASM)
  await page.goto(`${baseURL}`)
  await expect(page.getByRole('alert')).toContainText('This browser cannot run the model yet')
  await expect(page.getByRole('alert')).toContainText('WebGPU is here, but it has no adapter to offer.')
  await expect(page.getByText('gfx.webgpu.ignore-blocklist')).toBeVisible()
  for (const name of ['Chrome, Edge', 'Safari', 'Firefox'])
    await expect(page.getByRole('term').filter({ hasText: name }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeEnabled()
  await browser.close()
})
