import { expect, type Page, test } from '@playwright/test'
import { action, ask, idsOf, limitReplies, list, openChat, replies, transcript } from './chat-page.ts'
import { openView } from './view-page.ts'

const LONG =
  'Tell me a long story about a brave little boat, an old whale, a lighthouse, three gulls and a storm in the night.'
const MOST = 6

/** Ids that the model has been fed since it was loaded. */
const fedSoFar = (page: Page) =>
  page.locator('rwkv-chat').evaluate(async (chat) => {
    const { model } = chat as HTMLElementTagNameMap['rwkv-chat']
    return (await model?.counters())?.tokens ?? 0
  })

test('several answers start from one state, and the one that is kept is the reply', async ({ page }) => {
  await openChat(page, '')
  const atLeast = (minTokens: number) =>
    page.locator('rwkv-chat').evaluate((chat, least) => {
      ;(chat as HTMLElementTagNameMap['rwkv-chat']).minTokens = least
    }, minTokens)
  await limitReplies(page, MOST)
  await atLeast(MOST) // none of the answers ends before the others
  await ask(page, 'Hello!')
  const view = await openView(page, 'Compare')
  await expect(view.getByRole('button', { name: 'Ask' })).toBeDisabled()
  await view.getByRole('textbox', { name: 'Question' }).fill(LONG)
  await view.getByRole('combobox', { name: 'Answers' }).selectOption('4')
  const before = await fedSoFar(page)
  await view.getByRole('button', { name: 'Ask' }).click()
  await expect(view.getByRole('article')).toHaveCount(4)
  await expect(view.getByRole('status')).toHaveText('All answers are complete. Keep one, or ask again.')
  await expect(view.getByText('cut at the limit')).toHaveCount(4)
  // The question once; for each answer the last id of it, its own ids, and the end of the turn.
  const question = await idsOf(page, LONG)
  const fed = (await fedSoFar(page)) - before
  expect(fed).toBeGreaterThanOrEqual(question)
  expect(fed).toBeLessThanOrEqual(question + 4 * (1 + MOST + 2))

  const kept = view.getByRole('article', { name: 'Answer 3' })
  const words = (await kept.locator('.said').textContent())?.replace(/\s+/g, ' ').trim()
  await kept.getByRole('button', { name: 'Keep this one' }).click()
  await expect(page).toHaveURL(/#chat\/[\w-]{36}$/)
  await expect.poll(async () => (await transcript(page)).slice(2)).toEqual([`You: ${LONG}`, `storyteller: ${words}`])
  expect((await ask(page, 'Why?', 2)).fed).toBe(await idsOf(page, 'Why?')) // others have read all that came before
  await page.reload()
  await expect(replies(page)).toHaveCount(3)

  // The same once more, at a place in the middle, with two settings; stopped, then to the end.
  await limitReplies(page, 300)
  await atLeast(300) // or one of them may have ended before it is stopped
  await action(page, 3, 'Compare').click()
  await expect(view.getByRole('textbox', { name: 'Question' })).toHaveValue(LONG)
  await view.getByRole('button', { name: 'Two settings' }).click()
  await view.getByRole('group', { name: 'Setting A' }).getByLabel('Temperature').fill('0')
  await view.getByRole('button', { name: 'Ask' }).click()
  await expect(view.getByRole('article', { name: /Temperature 0,/ })).toContainText(/\w/)
  await view.getByRole('button', { name: 'Stop' }).click()
  await expect(view.getByText('stopped')).toHaveCount(2)
  await limitReplies(page, MOST)
  await atLeast(MOST)
  await view.getByRole('button', { name: 'Ask' }).click()
  await expect(view.getByText('cut at the limit')).toHaveCount(2)
  await view.getByRole('button', { name: 'Keep this one' }).first().click()
  await expect(replies(page)).toHaveCount(2)
  await expect(list(page).getByRole('list', { name: 'Branches' }).getByRole('button')).toHaveCount(2)
})
