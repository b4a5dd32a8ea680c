import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { vocabularyText } from '../tools/vocabulary-text.ts'
import { violations } from './axe.ts'
import { openChat, send, status, watchConsole } from './chat-page.ts'

/** One token, so that a seeded model can be made to think it. */
const thoughts = '>Hm, well.</think>'

test('a model named G1 thinks where it is asked to, folded above its answer, and else answers at once @verify', async ({
  page,
}) => {
  const seen = watchConsole(page)
  await openChat(page)
  const weights = await readFile(new URL('../golden7/models/seven128.bf16.pth', import.meta.url))
  await page.getByLabel('Open model files').setInputFiles([
    { name: 'rwkv7-g1-seeded.pth', mimeType: '', buffer: weights },
    { name: 'vocab.txt', mimeType: '', buffer: Buffer.from(vocabularyText([thoughts])) },
  ])
  await expect(status(page)).toContainText('rwkv7-g1-seeded')
  await page.locator('rwkv-chat').evaluate((chat: HTMLElementTagNameMap['rwkv-chat'], token) => {
    const format = { type: 'regex', pattern: '[a-z]{5}' } as const
    chat.sampling = { temperature: 0, maxTokens: 12, format, logitBias: [{ token, bias: 100 }] }
  }, thoughts)
  const replies = page.getByRole('log').getByRole('article', { name: 'rwkv7-g1-seeded' })
  const answerOf = (place: number) => replies.nth(place).locator('> .text')
  const thinking = page.getByRole('combobox', { name: 'Thinking' })

  await send(page, 'Why?')
  await expect(answerOf(0)).toHaveText(/^\s*[a-z]{5}\s*$/)
  await expect(replies.nth(0).locator('.cost')).toContainText('5 tokens')
  await expect(replies.nth(0).locator('details')).toHaveCount(0)

  await thinking.selectOption('Think a bit')
  await send(page, 'And why is that?')
  await expect(answerOf(1)).toHaveText(/^\s*[a-z]{5}\s*$/)
  await expect(replies.nth(1).locator('.cost')).toContainText('6 tokens')
  const folded = replies.nth(1).locator('details')
  await expect(folded.locator('summary')).toHaveText('Thoughts · 1 token')
  await expect(folded.getByText('Hm, well.')).toBeHidden()
  await folded.locator('summary').click()
  await expect(folded.getByText('Hm, well.')).toBeVisible()
  expect(await violations(page)).toEqual([])

  await thinking.selectOption('No thinking')
  await send(page, 'Thanks.')
  await expect(answerOf(2)).toHaveText(/^\s*[a-z]{5}\s*$/)
  await expect(replies.nth(2).locator('details')).toHaveCount(0)
  const said = await page.locator('rwkv-chat').evaluate(async (chat: HTMLElementTagNameMap['rwkv-chat']) => {
    const transcript = (await chat.session?.transcript()) ?? []
    return transcript.map(({ role, thoughts }) => `${role} ${thoughts?.text ?? ''}`.trim())
  })
  expect(said).toEqual(['user', 'assistant', 'user', 'assistant Hm, well.', 'user', 'assistant'])
  expect(seen).toEqual([])
})
