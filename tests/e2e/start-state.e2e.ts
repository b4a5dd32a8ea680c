import { writeFile } from 'node:fs/promises'
import { expect, type Page, test } from '@playwright/test'
import { goldenFolder7 } from '../tools/golden.ts'
import { vocabularyText } from '../tools/vocabulary-text.ts'
import { openChat, status } from './chat-page.ts'
import { expectSound, openView } from './view-page.ts'

const models = `${goldenFolder7}/models`

/** How much the state of the conversation holds, beside what it has read. */
const sumOfState = (page: Page) =>
  page.locator('rwkv-chat').evaluate(async (chat: HTMLElementTagNameMap['rwkv-chat']) => {
    const rows = await chat.session?.read()
    return rows?.reduce((sum, value) => sum + Math.abs(value), 0)
  })

test('a tuned start state is given in Models, kept, and what new conversations begin with @verify', async ({
  page,
}, info) => {
  await openChat(page)
  const vocabulary = info.outputPath('vocab.txt')
  await writeFile(vocabulary, vocabularyText([' cat', ' dog', '\n\n'])) // as many as the model has ids
  await page.getByLabel('Open model files').setInputFiles([`${models}/seven128.bf16.pth`, vocabulary])
  await expect(status(page)).toContainText('seven128')
  expect(await sumOfState(page)).toBe(0)

  const view = await openView(page, 'Models')
  const choice = view.getByRole('combobox', { name: 'Begin with' })
  await view.getByLabel('Add a start state').setInputFiles(`${models}/seven128.time_state.pth`)
  await expect(choice).toHaveValue(/./)
  await expect(choice.locator('option:checked')).toHaveText('seven128.time_state.pth')
  await expectSound(page)
  await expect.poll(() => sumOfState(page)).toBeGreaterThan(1)

  await choice.selectOption('The model’s own')
  await expect.poll(() => sumOfState(page)).toBe(0)

  await view.getByLabel('Add a start state').setInputFiles(`${models}/seven128.bf16.pth`)
  await expect(page.getByRole('region', { name: 'Notices' }).getByText(/is no start state/)).toBeVisible()
  await expect(choice.locator('option:checked')).toHaveText('The model’s own')
  await expect.poll(() => sumOfState(page)).toBe(0)
})
