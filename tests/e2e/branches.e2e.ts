import { expect, type Page, test } from '@playwright/test'
import {
  action,
  ask,
  costOf,
  edit,
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
import { keptWords } from './kept.ts'

const CAT = 'Tell me a story about a cat.'
const DOG = 'Tell me a story about a dog.'
const NEXT = 'And then?'

const branch = (page: Page, name: string) =>
  list(page).getByRole('list', { name: 'Branches' }).getByRole('button', { name, exact: true })

async function reload(page: Page, maxTokens: number): Promise<void> {
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
  await limitReplies(page, maxTokens)
}

test('a message is edited in its place, a branch begins at a reply, and moving between them feeds nothing', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 6)
  const first = await ask(page, CAT)
  await ask(page, NEXT, 1)
  const cat = await transcript(page)
  const next = await idsOf(page, NEXT)

  // Until other words are sent, what was said stays.
  await action(page, 0, 'Edit').click()
  const field = page.getByRole('textbox', { name: 'Your message' })
  await expect(field).toBeFocused()
  await expect(field).toHaveValue(CAT)
  await expect(replies(page)).toHaveCount(2)
  await page.keyboard.press('Escape')
  await expect(message(page)).toBeFocused()
  expect(await transcript(page)).toEqual(cat)

  await edit(page, 0, DOG)
  expect((await costOf(page, 2)).fed).toBeLessThanOrEqual(first.fed)
  const dog = await transcript(page)
  expect(dog).toEqual([`You: ${DOG}`, expect.stringContaining('storyteller: ')])
  await expect(page.getByText('2 / 2')).toBeVisible()
  await expect(action(page, 0, 'Next version')).toBeDisabled()
  await expect(list(page).getByRole('list', { name: 'Branches' })).toHaveCount(0)

  await action(page, 0, 'Previous version').click()
  await expect.poll(() => transcript(page)).toEqual(cat)
  await expect(page.getByText('1 / 2')).toBeVisible()
  expect((await ask(page, NEXT, 3)).fed).toBe(next)
  await action(page, 0, 'Next version').click()
  await expect.poll(() => transcript(page)).toEqual(dog)
  expect((await ask(page, NEXT, 4)).fed).toBe(next)

  // So has a reply that is made anew.
  await action(page, 3, 'Regenerate').click()
  await costOf(page, 5)
  await expect(action(page, 3, 'Previous version')).toBeEnabled()
  await action(page, 3, 'Previous version').click()
  await expect(action(page, 3, 'Next version')).toBeEnabled()

  // What is kept is enough to do the same after a reload, also from a place in the middle.
  const inTheEnd = await transcript(page)
  await reload(page, 6)
  await expect.poll(() => transcript(page)).toEqual(inTheEnd)
  await action(page, 0, 'Previous version').click()
  await expect(replies(page)).toHaveCount(3)
  await action(page, 1, 'Branch from here').click()
  await expect.poll(() => transcript(page)).toEqual(cat.slice(0, 2))
  await expect(branch(page, 'New branch')).toHaveAttribute('aria-current', 'true')
  expect((await ask(page, 'Why?', 0)).fed).toBe(await idsOf(page, 'Why?'))
  await expect(branch(page, 'Why?')).toHaveAttribute('aria-current', 'true')
  await expect(list(page).locator('.title')).toHaveCount(1)
})

test('a reply that was cut goes on where it stopped, also after a reload, and tells what it cost', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 15)
  await send(page, CAT)
  await costOf(page)
  const whole = await replyText(page).textContent()
  await page.getByRole('button', { name: 'New conversation' }).click()
  await limitReplies(page, 5)
  await ask(page, CAT, 1)
  await expect(replies(page)).toContainText(/5 tokens · first after <?\d+\.\d s · \d+\.\d tokens\/s · cut at the limit/)

  await page.getByRole('button', { name: 'Continue' }).click()
  expect(await costOf(page, 2)).toEqual({ fed: 1 + 5, tokens: 10, finishReason: 'length' })
  await expect(replies(page)).toContainText('10 tokens')
  await expect(list(page).getByRole('listitem')).toHaveCount(2) // it is no branch
  const shown = (await replyText(page).textContent())?.trim()
  await expect.poll(async () => (await keptWords(page)).at(-1)).toBe(shown)
  await reload(page, 5)
  await expect(replies(page)).toContainText('10 tokens')
  await page.getByRole('button', { name: 'Continue' }).click()
  expect((await costOf(page)).tokens).toBe(15)
  await expect(replyText(page)).toHaveText(whole ?? '')
  await expect(replies(page)).toHaveCount(1)
})

test('a conversation that goes on in two tabs branches; one that is deleted in the other stays here as a new one @verify', {
  tag: '@firefox-verify',
}, async ({ page, context }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, CAT)
  const other = await context.newPage()
  await openChat(other, `?greedy${new URL(page.url()).hash}`)
  await limitReplies(other, 4)
  await expect(replies(other)).toHaveCount(1)

  await ask(page, 'From the first tab.', 1)
  await ask(other, 'From the second tab.')
  await expect(other.getByRole('status').filter({ hasText: 'in another tab' })).toBeVisible()
  await ask(other, 'And once more.', 1)
  await ask(page, 'The first goes on.', 2)
  await expect(branch(other, 'From the second tab.')).toBeVisible()
  await expect(branch(page, 'From the second tab.')).toBeVisible() // told by the other
  const [here, there] = [await transcript(page), await transcript(other)]
  expect(here.filter((line) => line.startsWith('You'))).toEqual([
    `You: ${CAT}`,
    'You: From the first tab.',
    'You: The first goes on.',
  ])
  await reload(other, 4)
  await expect.poll(() => transcript(other)).toEqual(there)
  await branch(other, 'Story about a cat').click()
  await expect.poll(() => transcript(other)).toEqual(here)

  await page.getByRole('button', { name: 'Delete Story about a cat' }).click()
  await expect(list(other).getByRole('link')).toHaveCount(0)
  await ask(other, 'Are you there?')
  await expect(list(other).getByRole('link')).toHaveCount(1)
  await reload(other, 4)
  await expect.poll(async () => (await transcript(other)).slice(0, -1)).toEqual([...here, 'You: Are you there?'])
})
