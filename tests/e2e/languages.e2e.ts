import { expect, test } from '@playwright/test'

test.use({ locale: 'de-DE' })

test('the page speaks the browser’s language until its reader chooses another, and that one at the next visit', async ({
  page,
}) => {
  await page.goto('./?device=wasm')
  const html = page.locator('html')
  await expect(html).toHaveAttribute('lang', 'de')
  await expect(page.getByRole('heading', { name: 'Ein Modell, das auf diesem Gerät läuft' })).toBeVisible()
  await expect(page.getByText('spricht nur Englisch')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Tell me a story about a cat.' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Nachricht' })).toHaveAttribute('placeholder', 'Nachricht schreiben')

  await page.getByRole('link', { name: 'Einstellungen' }).click()
  await page.getByRole('group', { name: 'Sprache' }).getByRole('button', { name: '中文' }).click()
  const choice = page.getByRole('group', { name: '语言' })
  await expect(choice.getByRole('button', { name: '中文' })).toHaveAttribute('aria-pressed', 'true')
  await page.reload()
  await expect(html).toHaveAttribute('lang', 'zh-CN')
  await page.getByRole('link', { name: '聊天' }).click()
  await expect(page.getByRole('textbox', { name: '消息' })).toBeVisible()
  await expect(page.getByText('只会说英语')).toBeVisible()
})
