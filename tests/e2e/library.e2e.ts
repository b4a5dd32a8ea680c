import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { action, ask, idsOf, limitReplies, list, message, openChat, replies, status, transcript } from './chat-page.ts'

const CAT = 'Tell me a story about a cat.'
const titles = (page: Page) =>
  list(page)
    .locator('.title')
    .evaluateAll((all) => all.map((one) => one.firstChild?.textContent))
/** A file of a conversation of 48 messages. */
const manyCats = {
  name: 'cats.json',
  mimeType: 'application/json',
  buffer: Buffer.from(
    JSON.stringify({
      format: 'rwkv.js conversation',
      version: 1,
      title: 'Many cats',
      model: 'x',
      messages: Array.from({ length: 24 }, (_, i) => [
        { role: 'user', text: `Tell me of the cat ${i}.` },
        { role: 'assistant', text: `Cat ${i} sat in the sun all day.` },
      ]).flat(),
    }),
  ),
}
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search conversations' })

test('conversations are found by title and by what was said, have addresses, and keep their drafts', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 8)
  await ask(page, CAT)
  const cat = page.url()
  expect(cat).toMatch(/#chat\/[\w-]{36}$/)
  await page.keyboard.press('Alt+n')
  await expect(page).toHaveURL(/#chat$/)
  await ask(page, 'Hello!', 1)
  await expect.poll(() => titles(page)).toEqual(['Hello!', 'Story about a cat'])

  await page.keyboard.press('Control+k')
  await expect(search(page)).toBeFocused()
  await page.keyboard.type('once UPON')
  await expect.poll(() => titles(page)).toEqual(['Story about a cat'])
  await expect(list(page).getByRole('status')).toHaveText('1 conversation found')
  await expect(list(page)).toContainText('Once upon a time')
  await page.keyboard.type(' a zebra')
  await expect(list(page)).toContainText('Nothing was found.')
  await search(page).fill('cat')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(cat)
  await expect.poll(async () => (await transcript(page))[0]).toBe(`You: ${CAT}`)
  await search(page).fill('')
  await expect.poll(() => titles(page)).toEqual(['Hello!', 'Story about a cat'])

  await message(page).fill('of the cat')
  await message(page).press('Alt+ArrowUp')
  await expect.poll(async () => (await transcript(page))[0]).toBe('You: Hello!')
  await expect(message(page)).toHaveValue('')
  await message(page).fill('of the greeting')
  await page.goBack()
  await expect(page).toHaveURL(cat)
  await expect(message(page)).toHaveValue('of the cat')
  await page.reload()
  await expect(replies(page)).toHaveCount(1)
  await expect(message(page)).toHaveValue('of the cat')
  await message(page).press('Alt+ArrowUp')
  await expect(message(page)).toHaveValue('of the greeting')

  await page.evaluate(() => {
    location.hash = '#chat/nothing-of-the-kind'
  })
  await expect(page.getByRole('status').filter({ hasText: 'not on this device' })).toBeVisible()
  expect((await transcript(page))[0]).toBe('You: Hello!')
})

test('a conversation goes to files and comes back from them, and keys have a help sheet', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 6)
  await ask(page, CAT)
  const said = await transcript(page)
  const sheet = page.getByRole('dialog', { name: 'Export and import' })
  async function exported(name: string): Promise<string> {
    const download = page.waitForEvent('download')
    await sheet.getByRole('button', { name, exact: true }).click()
    return (await download).path()
  }
  const open = () => page.getByRole('button', { name: 'Export and import' }).click()
  await open()
  const markdown = readFileSync(await exported('Markdown'), 'utf8')
  expect(markdown).toMatch(
    /^# Story about a cat\n\n\*\*You\*\*\n\nTell me a story about a cat\.\n\n\*\*storyteller\*\*\n\nOnce/,
  )
  const json = readFileSync(await exported('JSON'))
  const state = readFileSync(await exported('With its state'))
  expect(JSON.parse(json.toString())).toMatchObject({
    title: 'Story about a cat',
    messages: [{ role: 'user', text: CAT }, {}],
  })

  const input = sheet.locator('input[type=file]')
  await input.setInputFiles({ name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from('{}') })
  await expect(sheet.getByRole('alert')).toContainText('This file is not a conversation')
  await input.setInputFiles({ name: 'cat.rwkvchat', mimeType: '', buffer: state })
  await expect(sheet).toBeHidden()
  await expect(list(page).locator('.title')).toHaveCount(2)
  expect(await transcript(page)).toEqual(said)
  expect((await ask(page, 'Why?', 1)).fed).toBe(await idsOf(page, 'Why?'))
  await open()
  await input.setInputFiles({ name: 'cat.json', mimeType: 'application/json', buffer: json })
  await expect(list(page).locator('.title')).toHaveCount(3)
  await expect.poll(() => transcript(page)).toEqual(said)
  await ask(page, 'Why?', 2)

  await message(page).press('ArrowUp')
  await expect(page.getByRole('textbox', { name: 'Your message' })).toHaveValue('Why?')
  await page.keyboard.press('Escape')
  await expect(action(page, 3, 'Copy')).toBeVisible()
  await page.keyboard.press('Control+/')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(help).toContainText('Search conversations')
  await page.keyboard.press('Escape')
  await expect(help).toHaveCount(0)
  await list(page).getByRole('link').first().focus()
  await page.keyboard.press('?')
  await expect(help).toBeVisible()
  await help.getByRole('button', { name: 'Close' }).click()
  await expect(status(page)).toContainText('storyteller')
})

test('whoever imports during a reply keeps what it said, and a reload before the end imports nothing @verify', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 5000, 5000)
  await message(page).fill(CAT)
  await page.keyboard.press('Enter')
  await expect(replies(page)).toContainText('little')
  const sheet = page.getByRole('dialog', { name: 'Export and import' })
  const begin = async () => {
    await page.getByRole('button', { name: 'Export and import' }).click()
    await sheet.locator('input[type=file]').setInputFiles(manyCats)
    await expect(sheet).toContainText(/[1-9]\d* of 48 messages read/)
    return page.getByRole('log').locator('.text').allTextContents() // it is behind the sheet
  }
  const shown = async () => page.getByRole('log').locator('.text').allTextContents()
  const cancelled = await begin()
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  await page.reload()
  await expect(replies(page)).toHaveCount(1)
  expect(await shown()).toEqual(cancelled)

  await begin()
  await page.reload()
  await expect(replies(page)).toHaveCount(1)
  expect(await titles(page)).toEqual(['Story about a cat'])
})

test('a long conversation without its state is read under a bar, can be left there, and is read once @verify', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  const before = await transcript(page)
  const sheet = page.getByRole('dialog', { name: 'Export and import' })
  const bar = sheet.getByRole('progressbar', { name: 'Reading the conversation' })
  const begin = async () => {
    await page.getByRole('button', { name: 'Export and import' }).click()
    await expect(bar).toBeHidden()
    await sheet.locator('input[type=file]').setInputFiles(manyCats)
    await expect(sheet).toContainText(/[1-9]\d* of 48 messages read/)
  }

  await begin()
  await sheet.getByRole('button', { name: 'Cancel' }).click()
  await expect(list(page).locator('.title')).toHaveCount(1)
  expect(await transcript(page)).toEqual(before)
  await ask(page, 'Why?', 1)

  await begin()
  await expect(sheet).toBeHidden()
  await expect(replies(page)).toHaveCount(24)
  await expect(list(page).locator('.title').first()).toContainText('Many cats')
  await page.reload()
  await expect(replies(page)).toHaveCount(24)
  await limitReplies(page, 4)
  await ask(page, 'Why?')
  const tokens = await page.locator('rwkv-chat').evaluate(async (chat) => {
    const { model } = chat as HTMLElementTagNameMap['rwkv-chat']
    return (await model?.counters())?.tokens
  })
  expect(tokens).toBeGreaterThan(0)
  expect(tokens).toBeLessThan(60) // the last reply, which is read with what follows it, and the question; not 600
})
