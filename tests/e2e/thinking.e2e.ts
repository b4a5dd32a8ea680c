import { expect, test } from '@playwright/test'
import { violations } from './axe.ts'
import { openChat, send, status, watchConsole } from './chat-page.ts'
import { forceReplies, seededG1 } from './seeded-g1.ts'

test('a model named G1 thinks where it is asked to, folded above its answer, and else answers at once @verify', async ({
  page,
}) => {
  const seen = watchConsole(page)
  await openChat(page)
  const files = await seededG1('rwkv7-g1-seeded.pth')
  await page
    .getByLabel('Open model files')
    .setInputFiles(files.map(({ path, parts: [buffer] }) => ({ name: path, mimeType: '', buffer })))
  await expect(status(page)).toContainText('rwkv7-g1-seeded')
  await forceReplies(page)
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
