import { chromium, expect, type Page, test } from '@playwright/test'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { violations } from './axe.ts'
import {
  action,
  ask,
  beginWorkerWith,
  costOf,
  edit,
  limitReplies,
  list,
  NO_WASM,
  openChat,
  send,
  status,
} from './chat-page.ts'
import type { Chat } from './element-page.ts'
import { openView } from './view-page.ts'

const RICH =
  '## A plan\n\n**Bold** and `code`, [a page](https://example.org/).\n\n3. three\n\n```js\n// once\nconst a = run(1, "b")\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n> said'

for (const [colorScheme, tag] of [
  ['light', ''],
  ['dark', ' @verify'],
] as const) {
  test.describe(`breaks no rule of axe-core, ${colorScheme}${tag}`, () => {
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
      const ink = (selector: string) => page.locator(selector).evaluate((one) => getComputedStyle(one).color)
      expect(await ink('pre [part=code-keyword]')).not.toBe(await ink('pre'))
      expect(await violations(page)).toEqual([])
    })

    test('on a phone, with the list open, and with a model that cannot be had @verify', async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 640 })
      await page.goto('./?model=./models/nothing/')
      await expect(page.getByRole('alert')).toContainText('The model could not be loaded.')
      await expect(page.getByRole('status').filter({ hasText: 'a model of its own' })).toBeVisible()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Load the built-in model' }).click()
      await expect(status(page)).toContainText('storyteller')
      await limitReplies(page, 4)
      await page.getByRole('textbox', { name: 'Message' }).fill('Hello!')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('log')).toContainText('cut at the limit')
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Menu' }).click()
      await expect(list(page).getByRole('link', { name: 'Hello!', exact: true })).toBeVisible()
      expect(await violations(page)).toEqual(['landmark-one-main: html']) // the menu covers the view
    })

    test('where no model can run', async ({ baseURL }) => {
      const args = browserFlags.filter((flag) => !flag.includes('webgpu'))
      const browser = await chromium.launch({ executablePath: ensureBrowser(), args: [...args, '--disable-gpu'] })
      const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce', ...(baseURL && { baseURL }) })
      await beginWorkerWith(page, NO_WASM)
      await page.goto('./')
      await expect(page.getByRole('alert')).toContainText('This browser cannot run the model yet')
      expect(await violations(page)).toEqual([])
      await browser.close()
    })
  })
}

/** What is shown is sound in light and in dark. */
async function expectSound(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violations(page), colorScheme).toEqual([])
  }
}

test('breaks no rule of axe-core with branches, a search, both sheets, answers side by side, and settings @verify', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  await action(page, 0, 'Edit').click()
  await expectSound(page)
  await page.keyboard.press('Escape')
  await edit(page, 0, 'Good evening!')
  await costOf(page, 1)
  await action(page, 1, 'Branch from here').click()
  await expect(page.getByText('You are back at this place.')).toBeVisible()
  await expectSound(page)
  await ask(page, 'Why?', 2)
  await expect(list(page).getByRole('button', { name: 'Why?', exact: true })).toBeVisible()
  await page.getByRole('searchbox').fill('good')
  await expect(list(page).getByRole('status')).toHaveText('1 conversation found')
  await expectSound(page)
  for (const name of ['Export and import', 'Keyboard shortcuts']) {
    await page.getByRole('button', { name }).click()
    await expect(page.getByRole('dialog', { name })).toBeVisible()
    await expectSound(page)
    await page.keyboard.press('Escape')
  }
  await action(page, 1, 'Compare').click()
  const compare = page.getByRole('main', { name: 'Compare' })
  await compare.getByRole('button', { name: 'Two settings' }).click()
  await compare.getByRole('button', { name: 'Ask' }).click()
  await expect(compare.getByRole('status')).toHaveText('All answers are complete. Keep one, or ask again.')
  await expectSound(page)
  await openView(page, 'Settings')
  await page.getByText('More options').click()
  await page.getByRole('spinbutton', { name: 'Top-p' }).fill('0.5')
  await expectSound(page)
})
