import { expect, type Page, test } from '@playwright/test'
import { openOracle } from '../oracle/oracle-model.ts'
import { storytellerFolder } from '../tools/storyteller-pth.ts'
import { beginWorkerWith, costOf, limitReplies, NO_WEBGPU, openChat, send, status } from './chat-page.ts'
import { openView } from './view-page.ts'

const message = 'Tell me a story about a cat.'

// The same is tested in node: tests/engine.
test('a story without chance has the ids of the oracle', { tag: ['@firefox', '@adapters'] }, async ({ page }) => {
  await openChat(page)
  await expectIds(page)
})

test('where there is no WebGPU the CPU tells it, with the same ids', { tag: '@firefox' }, async ({ page }) => {
  await page.addInitScript(() => void Reflect.deleteProperty(Navigator.prototype, 'gpu'))
  await beginWorkerWith(page, NO_WEBGPU)
  await openChat(page, '?greedy', 'auto')
  await expect(status(page)).toContainText('The CPU')
  await expectIds(page)
  const about = await openView(page, 'About')
  await expect(about.getByRole('note')).toContainText('runs on the CPU, through WebAssembly')
  await expect(about).toContainText('This browser has no WebGPU')
})

async function expectIds(page: Page): Promise<void> {
  await page
    .locator('rwkv-chat')
    .evaluate((chat) => void Object.assign(chat, { presencePenalty: 0, frequencyPenalty: 0 }))
  await limitReplies(page, 60)
  await send(page, message)
  await costOf(page)
  const [{ ids }] = await page.evaluate(() => (globalThis as unknown as { summaries: { ids: number[] }[] }).summaries)
  const asked = await page.locator('rwkv-chat').evaluate(async (chat, text) => {
    const { model } = chat as HTMLElementTagNameMap['rwkv-chat']
    return Array.from((await model?.encode(text)) ?? [])
  }, `User: ${message}\n\nAssistant:`)
  const oracle = await openOracle(new URL('model.safetensors', storytellerFolder).href)
  expect(ids).toHaveLength(60)
  expect(ids).toEqual(oracle.greedy([0, ...asked], ids.length))
}
