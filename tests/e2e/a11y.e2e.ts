import { chromium, expect, test } from '@playwright/test'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { violations } from './axe.ts'
import { costOf, limitReplies, list, openChat, send } from './chat-page.ts'
import type { Chat } from './element-page.ts'

const RICH =
  '## A plan\n\n**Bold** and `code`, [a page](https://example.org/).\n\n3. three\n\n```js\nrun()\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n> said'

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`breaks no rule of axe-core, ${colorScheme}`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('empty, with a conversation, with Markdown, with a name being written, with a notice', async ({ page }) => {
      await openChat(page)
      expect(await violations(page)).toEqual([])

      await limitReplies(page, 4)
      await send(page, 'Tell me a story about a cat.')
      await costOf(page)
      await expect(list(page).getByRole('listitem')).toHaveCount(1)
      expect(await violations(page)).toEqual([])

      await page.getByRole('button', { name: 'Rename Story about a cat' }).click()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Delete Story about a cat' }).click()
      expect(await violations(page)).toEqual([])

      await page.evaluate(async (text) => {
        const chat = document.querySelector('rwkv-chat') as Chat
        await chat.restore(undefined, [{ role: 'assistant', text }])
      }, RICH)
      await expect(page.getByRole('heading', { name: 'A plan' })).toBeVisible()
      expect(await violations(page)).toEqual([])
    })

    test('on a phone, with the list open, and with a model that cannot be had', async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 640 })
      await page.goto('./?model=./models/nothing/')
      await expect(page.getByRole('alert')).toContainText('The model could not be loaded.')
      await expect(page.getByRole('status').filter({ hasText: 'a model of its own' })).toBeVisible()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Load the built-in model' }).click()
      await expect(page.getByRole('contentinfo')).toContainText('storyteller')
      await limitReplies(page, 4)
      await page.getByRole('textbox', { name: 'Message' }).fill('Hello!')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('log')).toContainText('cut at the limit')
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Conversations' }).click()
      await expect(list(page).getByRole('link', { name: 'Hello!', exact: true })).toBeVisible()
      expect(await violations(page)).toEqual([])
    })

    test('without WebGPU', async ({ baseURL }) => {
      const args = browserFlags.filter((flag) => !flag.includes('webgpu'))
      const browser = await chromium.launch({ executablePath: ensureBrowser(), args: [...args, '--disable-gpu'] })
      const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce', ...(baseURL && { baseURL }) })
      await page.goto('./')
      await expect(page.getByRole('alert')).toContainText('This browser cannot run the model yet')
      expect(await violations(page)).toEqual([])
      await browser.close()
    })
  })
}
