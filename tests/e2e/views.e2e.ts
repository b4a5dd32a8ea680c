import { expect, test } from '@playwright/test'
import { openChat, replies, send } from './chat-page.ts'
import { goTo, openView } from './view-page.ts'

test('views have addresses, the chat goes on behind them, and an unknown one is the chat', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  await openChat(page)
  const requests: string[] = []
  page.on('request', (request) => requests.push(new URL(request.url()).pathname))
  const views = page.getByRole('navigation', { name: 'Views' })
  await send(page, 'Tell me a story about a cat.')
  await goTo(page, 'About')
  const about = page.getByRole('main', { name: 'About' })
  await expect(about).toContainText('storyteller')
  await expect(page).toHaveTitle('About · rwkv.js')
  await expect(replies(page)).toBeHidden()
  await expect(page).toHaveURL(/#about$/)

  for (const _ of ['Lab', 'Chat']) await page.goBack()
  await expect(about).toBeHidden()
  await expect(replies(page)).toBeVisible()
  await page.goto(new URL('#nothing-of-the-kind', page.url()).href)
  await expect(views.getByRole('link', { name: 'Chat' })).toHaveAttribute('aria-current', 'page')
  expect(requests.filter((path) => /icon/.test(path))).toEqual([])
})

test('on a phone the menu has all views, over whichever is shown, and goes away with the choice', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto('./#about')
  const menu = page.getByRole('button', { name: 'Menu' })
  await menu.click()
  const links = page.getByRole('navigation', { name: 'Views' }).getByRole('link')
  await expect(links).toHaveCount(9)
  for (const link of await links.all()) await expect(link).toBeInViewport({ ratio: 0.99 })
  await links.filter({ hasText: 'Bench' }).click()
  await expect(page.getByRole('main', { name: 'Bench' })).toBeVisible()
  await expect(links).toHaveCount(0)
  await expect(menu).toHaveAttribute('aria-expanded', 'false')
})

test('views look alike, whichever is opened first @verify', async ({ page }) => {
  const looks = async (title: string) => {
    const view = await openView(page, title)
    return view.locator('*').evaluateAll((all) =>
      all.map((one) => {
        const { display, margin, padding, gap, font, color, backgroundColor, minHeight, resize } = getComputedStyle(one)
        return { name: one.localName, display, margin, padding, gap, font, color, backgroundColor, minHeight, resize }
      }),
    )
  }
  const first = new Map<string, Awaited<ReturnType<typeof looks>>>()
  for (const title of ['Compare', 'Form', 'Settings']) {
    await openChat(page)
    first.set(title, await looks(title))
  }
  await openChat(page)
  await openView(page, 'Lab')
  for (const [title, look] of first) expect(await looks(title), title).toEqual(look)
})
