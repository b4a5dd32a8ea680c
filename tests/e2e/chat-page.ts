/** @file The chat page as its users see it: by roles and names. */

import { expect, type Locator, type Page } from '@playwright/test'

/** Open the demo with `query` and wait until one can write. */
export async function openChat(page: Page, query = '?greedy'): Promise<void> {
  await page.goto(`./${query}`)
  await expect(status(page)).toContainText('storyteller')
}

export const message = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' })
export const status = (page: Page): Locator => page.getByRole('contentinfo', { name: 'Status' })
export const stopButton = (page: Page): Locator => page.getByRole('button', { name: 'Stop' })
/** The replies; each is an article named after the model. */
export const replies = (page: Page): Locator => page.getByRole('log').getByRole('article', { name: 'storyteller' })

/** The text of the first reply. */
export const replyText = (page: Page): Locator => replies(page).first().locator('.text')

/** Write `text` and send it with the button. */
export async function send(page: Page, text: string): Promise<void> {
  await message(page).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** What a finished reply says of itself. */
export async function costsOf(reply: Locator): Promise<{ fed: number; tokens: number; finishReason: string }> {
  const costs = reply.locator('.cost')
  await expect(costs).toBeVisible({ timeout: 60_000 })
  return {
    fed: Number(await costs.getAttribute('data-prompt-tokens')),
    tokens: Number(await costs.getAttribute('data-tokens')),
    finishReason: String(await costs.getAttribute('data-finish-reason')),
  }
}

/** Everything the page logs or throws from now on. */
export function watchConsole(page: Page): string[] {
  const seen: string[] = []
  page.on('console', (entry) => seen.push(`${entry.type()}: ${entry.text()}`))
  page.on('pageerror', (error) => seen.push(`thrown: ${error.message}`))
  return seen
}
