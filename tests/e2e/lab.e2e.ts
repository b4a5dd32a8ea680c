import { expect, type Locator, test } from '@playwright/test'
import { openChat, watchConsole } from './chat-page.ts'
import { expectSound, openView } from './view-page.ts'

/** The number above a name, among the large ones of a card. */
async function stat(view: Locator, name: string): Promise<number> {
  const value = view.locator('.stats > div').filter({ hasText: name }).locator('dd')
  return Number((await value.innerText()).replaceAll(',', '').replace('%', ''))
}

test('Lab times tokens, judges a text and passages, and reads a document once for many questions', async ({ page }) => {
  const seen = watchConsole(page)
  await openChat(page)
  const lab = await openView(page, 'Lab')

  await lab.getByRole('combobox', { name: 'Tokens' }).selectOption('20000')
  await lab.getByRole('button', { name: 'Write' }).click()
  await expect(lab.getByRole('progressbar', { name: 'Write' })).toBeVisible()
  await expect(lab.getByText(/[1-9][\d,]* of 20,000 tokens · .* ms a token/)).toBeVisible()
  await lab.getByRole('button', { name: 'Cancel' }).click()
  await expect(lab.getByRole('button', { name: 'Write' })).toBeEnabled()
  await lab.getByRole('combobox', { name: 'Tokens' }).selectOption('200')
  await lab.getByRole('button', { name: 'Write' }).click()
  await expect(lab.getByText('bytes of memory grown')).toBeVisible()
  expect(await stat(lab, 'bytes of memory grown')).toBe(0)
  expect(await stat(lab, 'ms a token, last tenth')).toBeGreaterThan(0)
  await lab.getByText('In numbers').first().click()
  const [tokens = '', , state, cache = ''] = await lab.getByRole('row').last().locator('th, td').allInnerTexts()
  expect(state).toBe('23.0 KB')
  expect(Number.parseFloat(cache)).toBeCloseTo((Number(tokens) * 2 * 6 * 192 * 2) / 1000, 1)

  const text = 'Once upon a time there was a little cat.'
  await lab.getByRole('textbox', { name: 'Text' }).fill(text)
  await lab.getByRole('button', { name: 'Evaluate' }).click()
  await expect(lab.getByText('nats a byte')).toBeVisible()
  const expected = await page.evaluate(async (words) => {
    const { model } = document.querySelector('rwkv-chat') as HTMLElementTagNameMap['rwkv-chat']
    return (await model?.evaluate(words))?.perplexity ?? 0
  }, text)
  expect(await stat(lab, 'perplexity')).toBeCloseTo(expected, 1)
  const reader = lab.getByRole('group', { name: /^The text, coloured by surprise/ })
  await expect(reader).toHaveText(text)
  await reader.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(lab.getByText(/^“.+”: .* probable, .* nats of surprise$/)).toBeVisible()

  const passages = ['A cat sat on the mat', 'Lily and Tom went to the park'].map((text) => JSON.stringify({ text }))
  const file = { name: 'lambada.jsonl', mimeType: '', buffer: Buffer.from(passages.join('\n')) }
  await lab.locator('input[type=file]').setInputFiles(file)
  await expect(lab.locator('.stats').filter({ hasText: 'of last words right' })).toContainText('2 / 2')

  await lab.getByRole('button', { name: 'Read and ask' }).click()
  await expect(lab.getByText(/tokens fed · .* ms to the first word/)).toHaveCount(3)
  const fed = await stat(lab, 'tokens fed for all questions')
  const read = await stat(lab, 'tokens of the document, read once')
  expect(read).toBeGreaterThan(40)
  expect(await stat(lab, 'tokens, had each read it')).toBe(fed + 3 * read)
  expect(fed).toBeLessThan(read + 3) // questions alone, and the one id that waits
  await lab.getByRole('button', { name: 'Read and ask' }).click()
  await expect(lab.getByText('read before, not read again')).toBeVisible()
  await expect(lab.getByRole('button', { name: 'Read and ask' })).toBeEnabled()
  await expectSound(page)
  expect(seen).toEqual([])
})
