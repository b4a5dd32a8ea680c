import { expect, type Locator, type Page, test } from '@playwright/test'
import {
  ask,
  costOf,
  entries,
  idsOf,
  limitReplies,
  list,
  message,
  openChat,
  replies,
  replyText,
  send,
  status,
  transcript,
} from './chat-page.ts'

const STORY = 'Tell me a story about a cat.'
const TITLE = 'Story about a cat'
const QUESTION = 'What is the capital of France?'

const titles = (page: Page): Promise<string[]> => list(page).locator('.title').allTextContents()
const entry = (page: Page, title: string): Locator => list(page).getByRole('link', { name: title, exact: true })

/** Resolves when of the `place`-th reply at least what is shown now is written; between paragraphs nothing is shown. */
async function untilWritten(page: Page, place: number): Promise<void> {
  const line = (await transcript(page))[place * 2 + 1]?.replaceAll(' ', '') ?? ''
  const written = () =>
    page.evaluate(async () => {
      const opening = indexedDB.open('rwkv.js')
      const database = await new Promise<IDBDatabase>((resolve) => {
        opening.onsuccess = () => resolve(opening.result)
      })
      const reading = database.transaction('growing').objectStore('growing').getAll()
      await new Promise((resolve) => {
        reading.onsuccess = resolve
      })
      database.close()
      const growing: { later: { role: string; text: string }[] }[] = reading.result
      const said = growing.flatMap(({ later }) => later).filter(({ role }) => role === 'assistant')
      return said.map(({ text }) => `storyteller:${text.replace(/\s+/g, '')}`)
    })
  await expect.poll(async () => (await written())[place]?.startsWith(line)).toBe(true)
}

/** The page is loaded anew, as by its reader. */
async function reload(page: Page, maxTokens?: number): Promise<void> {
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
  if (maxTokens !== undefined) await limitReplies(page, maxTokens)
}

test('conversations are listed by title, the last one first; an old one opens and goes on where it was', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 6)
  await expect(list(page)).toContainText('kept here, on this device')
  await ask(page, STORY)
  await ask(page, QUESTION, 1)
  await expect.poll(() => titles(page)).toEqual([TITLE])
  await expect(entry(page, TITLE)).toHaveAttribute('aria-current', 'page')
  const before = await transcript(page)
  expect(before).toHaveLength(4)

  await page.getByRole('button', { name: 'New conversation' }).click()
  await expect(page.getByRole('heading', { name: 'A model that runs on this machine' })).toBeVisible()
  await expect(message(page)).toBeFocused()
  await ask(page, 'Hello!', 2)
  await expect.poll(() => titles(page)).toEqual(['Hello!', TITLE])

  await entry(page, TITLE).click()
  await expect.poll(() => transcript(page)).toEqual(before)
  await expect(entry(page, TITLE)).toHaveAttribute('aria-current', 'page')
  await expect(entry(page, 'Hello!')).not.toHaveAttribute('aria-current', 'page')
  await ask(page, 'And then?', 3)
  await expect.poll(() => titles(page)).toEqual([TITLE, 'Hello!'])
})

test('a reopened conversation feeds only the tokens of the new message', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 6)
  await ask(page, STORY)
  const { fed } = await ask(page, QUESTION, 1)
  await page.getByRole('button', { name: 'New conversation' }).click()
  await ask(page, STORY, 2) // the same once more, but put away before the second message
  await expect(list(page).locator('[aria-current]')).toHaveCount(1)
  await expect(entries(page)).toHaveCount(2)

  await reload(page, 6) // it is open still
  await expect(replies(page)).toHaveCount(1)
  expect((await ask(page, QUESTION)).fed).toBe(fed)
  await page.getByRole('button', { name: 'New conversation' }).click()
  const fresh = await ask(page, QUESTION, 1)
  // A fresh session feeds id 0 first; one that goes on, the last token of a reply that was cut off.
  expect(Math.abs(fresh.fed - fed)).toBeLessThanOrEqual(1)
})

test('an entry is renamed, and deleted until that is taken back @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, STORY)
  await page.getByRole('button', { name: `Rename ${TITLE}` }).click()
  const field = page.getByRole('textbox', { name: 'New name' })
  await expect(field).toBeFocused()
  await expect(field).toHaveValue(TITLE)
  await field.fill('The cat')
  await field.press('Escape')
  await expect.poll(() => titles(page)).toEqual([TITLE])
  await page.getByRole('button', { name: `Rename ${TITLE}` }).click()
  await field.fill('The cat')
  await field.press('Enter')
  await expect.poll(() => titles(page)).toEqual(['The cat'])
  await reload(page, 4)
  await expect.poll(() => titles(page)).toEqual(['The cat'])

  const said = await transcript(page)
  await page.getByRole('button', { name: 'Delete The cat' }).click()
  await expect(entries(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => titles(page)).toEqual(['The cat'])
  await expect.poll(() => transcript(page)).toEqual(said)
  await expect(page.getByText('“The cat” was deleted.')).toBeHidden()
  await reload(page, 4)
  await expect.poll(() => transcript(page)).toEqual(said)
  expect((await ask(page, 'Why?')).fed).toBe(await idsOf(page, 'Why?')) // its state came back with it
  await page.getByRole('button', { name: 'Delete The cat' }).click()
  await expect(entries(page)).toHaveCount(0)
  await expect(page.getByRole('log')).toHaveCount(0)
  await reload(page)
  await expect(list(page)).toContainText('kept here, on this device')
})

test('a name that is being written survives the end of a reply @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 12)
  await send(page, STORY)
  await page.getByRole('button', { name: `Rename ${TITLE}` }).click()
  const field = page.getByRole('textbox', { name: 'New name' })
  await field.fill('The')
  await costOf(page)
  await expect(replies(page)).toContainText('cut at the limit')
  await page.keyboard.type(' cat')
  await expect(field).toHaveValue('The cat')
  await page.keyboard.press('Enter')
  await expect.poll(() => titles(page)).toEqual(['The cat'])
  await reload(page)
  expect(await transcript(page)).toHaveLength(2)
})

test('a reload in the middle of replies, and of one made anew, loses nothing that was kept', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 5000, 5000) // they go on until the page is left
  await send(page, STORY)
  await expect(replyText(page)).toContainText('little')
  const [, shown = ''] = await transcript(page)
  await untilWritten(page, 0)
  await reload(page)
  await expect(replies(page)).toHaveCount(1)
  const [asked, kept = ''] = await transcript(page)
  expect(asked).toBe(`You: ${STORY}`)
  expect(kept.startsWith(shown), `${kept} begins with ${shown}`).toBe(true)

  await limitReplies(page, 5000, 5000)
  await send(page, STORY)
  await expect(replies(page).nth(1)).toContainText('little')
  await untilWritten(page, 1)
  await reload(page)
  await expect(replies(page)).toHaveCount(2)
  const second = await transcript(page)
  expect(second.slice(0, 3)).toEqual([asked, kept, asked])

  await limitReplies(page, 5000, 5000)
  await page.getByRole('button', { name: 'Regenerate' }).click()
  await expect(replies(page).nth(1)).toContainText('little')
  const begun = (await transcript(page)).at(-1) ?? ''
  await expect.poll(async () => (await transcript(page)).at(-1)?.length).toBeGreaterThan(begun.length + 100)
  await reload(page, 6)
  await expect(replies(page)).toHaveCount(2)
  expect((await transcript(page)).slice(0, 3)).toEqual([asked, kept, asked])

  await ask(page, 'Hello!')
  const inTheEnd = await transcript(page)
  await expect.poll(() => titles(page)).toEqual([TITLE])
  await reload(page)
  await expect(replies(page)).toHaveCount(3)
  expect(await transcript(page)).toEqual(inTheEnd)
})

test('leaving a reply for another conversation keeps what it said @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  await page.getByRole('button', { name: 'New conversation' }).click()
  await limitReplies(page, 200)
  await send(page, STORY)
  await expect(replyText(page)).toContainText('little')
  const [, shown = ''] = await transcript(page)
  await entry(page, 'Hello!').click()
  await expect.poll(async () => (await transcript(page))[0]).toBe('You: Hello!')
  await entry(page, TITLE).click()
  await expect.poll(async () => (await transcript(page))[0]).toBe(`You: ${STORY}`)
  expect((await transcript(page))[1]?.startsWith(shown)).toBe(true)
})

test('a message that waits for a reply to end is not sent in another conversation @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  await page.getByRole('button', { name: 'New conversation' }).click()
  await limitReplies(page, 5000, 5000)
  await send(page, STORY)
  await expect(replyText(page)).toContainText('little')
  const [, shown = ''] = await transcript(page)
  await message(page).fill('And then?')
  await message(page).press('Enter')
  await expect(page.getByText('It will be sent after this reply.')).toBeVisible()
  await entry(page, 'Hello!').click()
  await expect.poll(async () => (await transcript(page))[0]).toBe('You: Hello!')
  await limitReplies(page, 4)
  await ask(page, QUESTION, 1)
  expect((await transcript(page)).filter((line) => line.startsWith('You'))).toEqual(['You: Hello!', `You: ${QUESTION}`])
  await entry(page, TITLE).click()
  await expect(message(page)).toHaveValue('And then?')
  expect((await transcript(page))[1]?.startsWith(shown)).toBe(true)
  expect((await titles(page)).sort()).toEqual(['Hello!', TITLE]) // no third one
})

test('Regenerate makes the last reply anew, Copy copies it @verify', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await openChat(page)
  await limitReplies(page, 12)
  await ask(page, STORY)
  const before = await transcript(page)
  await page.getByRole('button', { name: 'Regenerate' }).click()
  await costOf(page, 1)
  expect(await transcript(page)).toEqual(before) // there is no chance in it
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('Once upon a time')
  await ask(page, QUESTION, 2)
  await expect(page.getByRole('button', { name: 'Regenerate' })).toHaveCount(1)
  await page.getByRole('button', { name: 'Regenerate' }).click()
  await costOf(page, 3)
  const after = await transcript(page)
  await reload(page)
  await expect(replies(page)).toHaveCount(2)
  expect(await transcript(page)).toEqual(after)
})

/** Press `key` until `target` has the focus. */
async function walkTo(page: Page, key: string, target: Locator): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press(key)
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`${key} does not come to ${target}`)
}

test('the keyboard is enough for conversations @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await page.keyboard.type(STORY)
  await page.keyboard.press('Enter')
  await costOf(page)
  await walkTo(page, 'Shift+Tab', page.getByRole('button', { name: 'New conversation' }))
  await page.keyboard.press('Enter')
  await expect(message(page)).toBeFocused()
  await page.keyboard.type('Hello!')
  await page.keyboard.press('Enter')
  await costOf(page, 1)
  await expect.poll(() => titles(page)).toEqual(['Hello!', TITLE])

  await walkTo(page, 'Shift+Tab', page.getByRole('button', { name: `Rename ${TITLE}` }))
  await page.keyboard.press('Enter')
  await page.keyboard.type('The cat')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Rename The cat' })).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(entry(page, 'The cat')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await transcript(page))[0]).toBe(`You: ${STORY}`)
  await expect(message(page)).toBeFocused()

  await walkTo(page, 'Shift+Tab', page.getByRole('button', { name: 'Delete The cat' }))
  await page.keyboard.press('Enter')
  await expect.poll(() => titles(page)).toEqual(['Hello!'])
  await expect(page.getByRole('button', { name: 'Delete Hello!' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect.poll(() => titles(page)).toEqual([])
  await expect(page.getByRole('button', { name: 'New conversation' })).toBeFocused()
})

test('on a phone the list comes over the chat and goes away, also by Escape @verify', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 640 })
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  await expect(list(page)).toBeHidden()
  const toggle = page.getByRole('button', { name: 'Menu' })
  await expect(toggle).toHaveAttribute('aria-expanded', 'false')
  await toggle.click()
  await expect(list(page)).toBeVisible()
  await expect(message(page)).toBeHidden() // nothing behind it can be reached
  await page.keyboard.press('Escape')
  await expect(list(page)).toBeHidden()
  await expect(toggle).toBeFocused()
  await toggle.click()
  await entry(page, 'Hello!').click()
  await expect(list(page)).toBeHidden()
  await expect(replies(page)).toHaveCount(1)
})
