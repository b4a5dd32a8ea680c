import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import {
  action,
  ask,
  costOf,
  edit,
  idsOf,
  limitReplies,
  openChat,
  replies,
  send,
  status,
  transcript,
} from './chat-page.ts'
import { serveAsHub } from './hub-page.ts'
import { forceReplies, seededG1 } from './seeded-g1.ts'
import { expectSound, openView } from './view-page.ts'

const STEPS = 'a greeting, a story, a branch, answers side by side, a bookmark, a reload, and no network'

test(`a first visit: ${STEPS}`, { tag: '@firefox' }, ({ page, context }) =>
  firstVisit({ page, context }, 'webgpu', /^(?!.*WebAssembly)/),
)

test(`a first visit without a GPU: ${STEPS} @verify`, { tag: '@firefox-cpu' }, ({ page, context }) =>
  firstVisit({ page, context }, 'auto', /WebAssembly/),
)

interface Visit {
  readonly page: Page
  readonly context: BrowserContext
}

/** On `device`, which the page calls by a name like `named`. */
async function firstVisit({ page, context }: Visit, device: string, named: RegExp): Promise<void> {
  await openChat(page, '', device)
  await expect(status(page)).toContainText(named)
  await expect(page.getByRole('heading', { name: 'A model that runs on this machine' })).toBeVisible()
  await limitReplies(page, 8)
  await ask(page, 'Hello!')
  await send(page, 'Tell me a story about a cat.')
  await costOf(page, 1)
  await expect(replies(page)).toHaveCount(2)

  // Another story, beside the first one.
  await edit(page, 2, 'Tell me a story about a brave little boat.')
  await costOf(page, 2)
  await expect(page.getByText('2 / 2')).toBeVisible()

  // What else could follow: two answers, of which one is kept.
  const compare = await openView(page, 'Compare')
  await compare.getByRole('textbox', { name: 'Question' }).fill('And then?')
  await compare.getByRole('combobox', { name: 'Answers' }).selectOption('2')
  await compare.getByRole('button', { name: 'Ask' }).click()
  await compare.getByRole('button', { name: 'Keep this one' }).nth(1).click()
  await expect(replies(page)).toHaveCount(3)
  const said = await transcript(page)

  const state = await openView(page, 'State')
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
  await action(page, 2, 'Previous version').click()
  await expect.poll(async () => (await transcript(page))[2]).toBe('You: Tell me a story about a cat.')
  await openView(page, 'State')
  await bookmark.click()
  await expect.poll(() => transcript(page)).toEqual(said)
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('heading', { name: 'Sampling' })).toBeVisible()
}

test('a first visit that ends with RWKV-7: downloaded in Models, thoughts, a branch, its state, a bookmark, a reload, and no network @verify', async ({
  page,
  context,
}) => {
  const hub = await serveAsHub(
    context,
    'BlinkDL/rwkv7-g1',
    await seededG1('rwkv7-g1d-0.1b-20260129-ctx8192.pth'), // as the catalogue names it
  )
  try {
    await openChat(page, '')
    const models = await openView(page, 'Models')
    await models.getByRole('button', { name: 'Download: RWKV-7 G1 0.1B' }).click()
    await models.getByRole('link', { name: 'Open: RWKV-7 G1 0.1B' }).click()
    await expectReady(page)
    const sent = hub.state.served.length

    await forceReplies(page)
    await page.getByRole('combobox', { name: 'Thinking' }).selectOption('Think a bit')
    await ask(page, 'Hello!')
    const folded = page.getByRole('log').locator('details')
    await expect(folded.locator('summary')).toHaveText('Thoughts · 1 token')
    await page.getByRole('combobox', { name: 'Thinking' }).selectOption('No thinking')
    await edit(page, 0, 'Who is there?')
    await costOf(page, 1)
    await expect(folded).toHaveCount(0)
    await ask(page, 'Why?', 2)
    await expect(page.getByText('2 / 2')).toBeVisible()
    const said = await transcript(page)
    expect(said.filter((_, i) => i % 2 === 1)).toEqual(Array(2).fill(expect.stringMatching(/: [a-z]{5}$/)))

    const state = await openView(page, 'State')
    await state.getByRole('spinbutton', { name: 'Head' }).fill('1')
    await expect(state.getByRole('img', { name: /^Heat map of the matrix of head 1 in layer 0, 64 / })).toBeVisible()
    await expect(state.getByRole('img', { name: /^Least and most half-life/ })).toBeVisible()
    await expect(state.getByText('What a message changed')).toBeHidden() // nobody knows it
    await expectSound(page)
    await state.getByRole('textbox', { name: 'Name' }).fill('Who it was')
    await page.keyboard.press('Enter')
    const bookmark = state.getByRole('button', { name: 'Open: Who it was' })
    await expect(bookmark).toBeVisible()
    await page.getByRole('link', { name: 'Chat', exact: true }).click()
    await page.reload()
    await expectReady(page)
    await expect.poll(() => transcript(page)).toEqual(said)

    await context.setOffline(true)
    await page.reload()
    await expectReady(page)
    await forceReplies(page)
    expect((await ask(page, 'And then?')).tokens).toBe(5)
    await action(page, 0, 'Previous version').click()
    await expect(folded.locator('summary')).toHaveText('Thoughts · 1 token')
    await openView(page, 'State')
    await bookmark.click()
    await expect.poll(() => transcript(page)).toEqual(said)
    expect(hub.state.served.length).toBe(sent)
  } finally {
    await hub.close()
  }
})

/** The model is there, and all that another visit needs. */
async function expectReady(page: Page): Promise<void> {
  await expect(status(page)).toContainText('rwkv7-g1d-0.1b')
  await expect(status(page)).toContainText('Ready for offline')
}
