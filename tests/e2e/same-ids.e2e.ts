import { expect, test } from '@playwright/test'
import { openOracle } from '../oracle/oracle-model.ts'
import { storytellerFolder } from '../tools/storyteller-pth.ts'
import { costOf, limitReplies, openChat, send } from './chat-page.ts'

const message = 'Tell me a story about a cat.'

// The same is tested in node: tests/engine/engine.gpu.test.ts.
test('a story without chance has the ids of the oracle', { tag: ['@firefox', '@adapters'] }, async ({ page }) => {
  await openChat(page)
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
})
