import { expect, test } from '@playwright/test'
import { ask, openChat, replies, status } from './chat-page.ts'
import type { Chat } from './element-page.ts'

test('settings are kept, apply from the next reply on, and are taken back', async ({ page }) => {
  await openChat(page, '')
  await page.getByRole('link', { name: 'Settings' }).click()
  const view = page.getByRole('main', { name: 'Settings' })
  const longest = view.getByRole('spinbutton', { name: 'Longest reply' })
  await expect(longest).toHaveAttribute('placeholder', '400')
  await view.getByRole('button', { name: 'Lively' }).click()
  const temperature = view.getByRole('spinbutton', { name: 'Temperature' })
  await expect(temperature).toHaveValue('1.3')
  await temperature.fill('9') // is refused, and leaves what was
  const kept = () => page.evaluate(() => JSON.parse(localStorage.getItem('rwkv.js settings') ?? '{}') as unknown)
  expect(await kept()).toMatchObject({ sampling: { temperature: 1.3 } })
  await temperature.blur()
  await expect(temperature).toHaveValue('1.3')
  await view.getByRole('button', { name: 'Greedy' }).click()
  await expect(view.getByRole('button', { name: 'Greedy' })).toHaveAttribute('aria-pressed', 'true')
  await longest.fill('3')
  await expect(view.getByRole('button', { name: 'Greedy' })).toHaveAttribute('aria-pressed', 'false')
  await view.getByText('More options').click()
  await view.getByRole('textbox', { name: 'Never these tokens' }).fill('1, x')
  await view.getByRole('textbox', { name: 'Stop texts' }).fill('upon')
  await view.getByRole('textbox', { name: 'System text' }).fill('You like cats.')
  await view.getByRole('button', { name: 'User, Assistant' }).click()
  await view.getByRole('button', { name: 'Dark' }).click()
  await view.getByRole('button', { name: 'Large', exact: true }).click()
  const looks = () =>
    page.evaluate(() => {
      const { colorScheme, fontSize } = getComputedStyle(document.documentElement)
      return { colorScheme, fontSize }
    })
  expect(await looks()).toEqual({ colorScheme: 'dark', fontSize: '18px' })

  await page.reload()
  await expect(status(page)).toContainText('storyteller')
  expect(await looks()).toEqual({ colorScheme: 'dark', fontSize: '18px' })
  await expect(longest).toHaveValue('3')
  await expect(view.getByRole('textbox', { name: 'System text' })).toHaveValue('You like cats.')
  expect(
    await page
      .locator('rwkv-chat')
      .evaluate((chat) => [(chat as Chat).system, (chat as Chat).promptFormat?.user, (chat as Chat).sampling]),
  ).toEqual(['You like cats.', 'User: {text}\n\n', { temperature: 0, maxTokens: 3, stop: ['upon'] }])
  await page.getByRole('link', { name: 'Chat' }).click()
  expect((await ask(page, 'Tell me a story about a cat.')).finishReason).toBe('stop')
  await expect(replies(page).locator('.text')).toHaveText('Once')

  await page.getByRole('link', { name: 'Settings' }).click()
  await view.getByRole('button', { name: 'Reset all settings' }).click()
  expect(await looks()).toEqual({ colorScheme: 'light dark', fontSize: '16px' })
  await expect(longest).toHaveValue('')
  for (const name of ['Presets', 'Prompt format'])
    await expect(view.getByRole('group', { name }).getByRole('button', { name: 'The model’s own' })).toHaveAttribute(
      'aria-pressed',
      'true',
    )
  expect(await page.evaluate(() => localStorage.getItem('rwkv.js settings'))).toBe('{}')
})
