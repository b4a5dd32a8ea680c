import { readFile } from 'node:fs/promises'
import { expect, type Locator, type Page, test } from '@playwright/test'
import {
  costOf,
  limitReplies,
  message,
  openChat,
  send,
  status,
  stopButton,
  transcript,
  watchConsole,
} from './chat-page.ts'
import { expectSound, openView } from './view-page.ts'

/** Numbers of a table's body, row by row, without the heads. */
async function numbers(view: Locator, caption: string): Promise<number[][]> {
  const rows = await view.getByRole('table', { name: caption }).locator('tbody tr').all()
  return Promise.all(
    rows.map(async (row) => {
      const cells = await row.locator('td').allTextContents()
      return cells.map((cell) => Number.parseFloat(cell.replaceAll(',', '')))
    }),
  )
}

/** How often the picture of the layers was drawn, in sight or not. */
const drawn = (page: Page) => page.locator('canvas.heat').first().getAttribute('data-drawn').then(Number)

/** Save what a button offers; its bytes. */
async function download(page: Page, button: Locator): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()])
  return readFile(await file.path())
}

test('State draws while a reply is made, and tells what is in it, for how long, and which message left what', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  const seen = watchConsole(page)
  await openChat(page)
  await limitReplies(page, 5000, 5000) // until it is stopped
  await send(page, 'Tell me a story about a cat.')
  const state = await openView(page, 'State')
  await expect.poll(() => drawn(page)).toBeGreaterThan(2)
  await expect(state).toContainText('23,040')
  await page.getByRole('link', { name: 'Chat', exact: true }).click()
  await stopButton(page).click()
  await costOf(page)
  const before = await drawn(page)
  await limitReplies(page, 8)
  await send(page, 'And then?')
  await costOf(page, 1)
  expect(await drawn(page)).toBe(before) // out of sight nothing is drawn

  await openView(page, 'State')
  await expect.poll(() => drawn(page)).toBeGreaterThan(before)
  await expect(state.getByRole('columnheader', { name: 'You: And then?' })).toBeVisible()
  const shares = await numbers(state, 'Share of the state by message, now')
  expect(shares).toHaveLength(6)
  for (const row of shares) {
    expect(row).toHaveLength(4)
    expect(row.reduce((sum, share) => sum + share)).toBeLessThanOrEqual(100.2)
  }
  for (const summary of await state.getByText('In numbers, by layer').all()) await summary.click()
  const [halfLives, means] = [
    await numbers(state, 'Half-lives in tokens, by layer'),
    await numbers(state, 'Mean of values, aa / bb'),
  ]
  expect([halfLives.length, means.length]).toEqual([6, 6]) // a row a layer
  for (const [shortest = 0, median = 0, longest = 0] of halfLives) {
    expect(median).toBeGreaterThan(shortest)
    expect(longest).toBeGreaterThan(median)
  }
  for (const [least = 0, most = 0, norm = 0] of means) {
    expect(most).toBeGreaterThan(least)
    expect(norm).toBeGreaterThanOrEqual(most)
  }
  await state.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Exponent of both, pp' })
  await expect(state.getByRole('table', { name: 'Exponent of both, pp' })).toBeVisible()
  await state.getByRole('spinbutton', { name: 'Channel' }).fill('100')
  await expect(state.locator('output').first()).toHaveText(/^-?\d/)
  await expectSound(page)
  expect(seen).toEqual([])
})

test('a bookmark outlives a reload, opens without reading again, and goes through a file @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 6)
  await send(page, 'Tell me a story about a cat.')
  await costOf(page)
  const said = await transcript(page)
  const state = await openView(page, 'State')
  await state.getByRole('textbox', { name: 'Name' }).fill('The cat')
  await page.keyboard.press('Enter')
  await expect(state.getByRole('button', { name: 'Open: The cat' })).toBeVisible()
  await page.reload()
  await state.getByRole('button', { name: 'Open: The cat' }).waitFor()
  await expect(status(page)).toContainText('storyteller')

  const bytes = await download(page, state.getByRole('button', { name: 'Save to a file: The cat' }))
  expect(bytes.subarray(8, 64).toString()).toContain('rwkv.js session')
  expect(await download(page, state.getByRole('button', { name: 'Share: The cat' }))).toEqual(bytes)
  await expectSound(page)

  await page.getByRole('link', { name: 'Chat', exact: true }).click()
  await page.getByRole('button', { name: 'New conversation' }).click()
  await openView(page, 'State')
  await state.getByRole('button', { name: 'Open: The cat' }).click()
  await expect(message(page)).toBeVisible()
  await expect.poll(() => transcript(page)).toEqual(said)
  await limitReplies(page, 2)
  await send(page, 'And then?')
  expect((await costOf(page)).fed).toBeLessThan(14) // the new message alone

  await openView(page, 'State')
  await state.getByRole('button', { name: 'Delete: The cat' }).click()
  await expect(state).toContainText('There are none yet.')
  await state.getByLabel('Load from a file').setInputFiles({ name: 'cat.rwkvchat', mimeType: '', buffer: bytes })
  await expect.poll(() => transcript(page)).toEqual(said)
  await openView(page, 'State')
  const junk = { name: 'notes.rwkvchat', mimeType: '', buffer: Buffer.from('my notes') }
  await state.getByLabel('Load from a file').setInputFiles(junk)
  await expect(state.locator('.card', { hasText: 'Bookmarks' }).getByRole('status')).toContainText(
    'This is not a saved conversation',
  )
})
