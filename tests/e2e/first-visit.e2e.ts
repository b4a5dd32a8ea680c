import { expect, test } from '@playwright/test'
import {
  action,
  ask,
  costOf,
  idsOf,
  limitReplies,
  list,
  openChat,
  replies,
  send,
  status,
  transcript,
} from './chat-page.ts'

test('a first visit: a greeting, a story, a branch, answers side by side, a bookmark, a reload, and no network', {
  tag: '@firefox',
}, async ({ page, context }) => {
  await openChat(page, '')
  await expect(page.getByRole('heading', { name: 'A model that runs on this machine' })).toBeVisible()
  await limitReplies(page, 8)
  await ask(page, 'Hello!')
  await send(page, 'Tell me a story about a cat.')
  await costOf(page, 1)
  await expect(replies(page)).toHaveCount(2)

  // Another story, beside the first one.
  await action(page, 2, 'Edit').click()
  await ask(page, 'Tell me a story about a brave little boat.', 2)
  const branches = list(page).getByRole('list', { name: 'Branches' }).getByRole('button')
  await expect(branches).toHaveCount(2)

  // What else could follow: two answers, of which one is kept.
  await page.getByRole('link', { name: 'Compare' }).click()
  const compare = page.getByRole('main', { name: 'Compare' })
  await compare.getByRole('textbox', { name: 'Question' }).fill('And then?')
  await compare.getByRole('combobox', { name: 'Answers' }).selectOption('2')
  await compare.getByRole('button', { name: 'Ask' }).click()
  await compare.getByRole('button', { name: 'Keep this one' }).nth(1).click()
  await expect(replies(page)).toHaveCount(3)
  const said = await transcript(page)

  await page.getByRole('link', { name: 'State' }).click()
  const state = page.getByRole('main', { name: 'State' })
  await state.getByRole('textbox', { name: 'Name' }).fill('The little boat')
  await page.keyboard.press('Enter')
  const bookmark = state.getByRole('button', { name: 'Open: The little boat' })
  await expect(bookmark).toBeVisible()
  await page.getByRole('link', { name: 'Chat', exact: true }).click()

  await expect(status(page)).toContainText('Ready for offline')
  await page.reload()
  await expect.poll(() => transcript(page)).toEqual(said)
  await limitReplies(page, 8)
  expect((await ask(page, 'Why?')).fed).toBeGreaterThanOrEqual(await idsOf(page, 'Why?'))

  await context.setOffline(true)
  await page.reload()
  await expect(status(page)).toContainText('Ready for offline')
  await limitReplies(page, 8)
  await expect(replies(page)).toHaveCount(4)
  expect((await ask(page, 'Why?')).fed).toBe(await idsOf(page, 'Why?'))
  await branches.first().click()
  await expect.poll(async () => (await transcript(page))[2]).toBe('You: Tell me a story about a cat.')
  await page.getByRole('link', { name: 'State' }).click()
  await bookmark.click()
  await expect.poll(() => transcript(page)).toEqual(said)
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('heading', { name: 'Sampling' })).toBeVisible()
})
