/** @file The views beside the chat, as their users see them. */

import { expect, type Locator, type Page } from '@playwright/test'
import { violations } from './axe.ts'

/** Follow the navigation to a view: most are behind Lab. */
export async function goTo(page: Page, title: string): Promise<void> {
  const links = page.getByRole('navigation', { name: 'Views' }).getByRole('link')
  const link = links.filter({ hasText: new RegExp(`^${title}$`) })
  if (!(await link.isVisible())) await links.filter({ hasText: 'Lab' }).click()
  await link.click()
}

/** The same, and the view, once it is there. */
export async function openView(page: Page, title: string): Promise<Locator> {
  await goTo(page, title)
  const view = page.getByRole('main', { name: title, exact: true })
  await expect(view).toBeVisible()
  return view
}

/** What is shown breaks no rule of axe-core, in light and dark, and on a phone nothing is wider than the page. */
export async function expectSound(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  expect(await violations(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  expect(await violations(page)).toEqual([])
  const size = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 640 })
  const beyond = () => page.locator('.view:visible').evaluate((view) => view.scrollWidth - view.clientWidth)
  await expect.poll(beyond).toBe(0) // what measures its place is drawn again a frame later
  if (size) await page.setViewportSize(size)
}
