/** @file A visit from the first story to one without a network, by a reader who brings a model of their own. */

import { writeFile } from 'node:fs/promises'
import { expect, type Page, test } from '@playwright/test'
import { storytellerFolder, storytellerPth } from '../tools/storyteller-pth.ts'
import {
  action,
  ask,
  beginWorkerWith,
  costOf,
  edit,
  entries,
  idsOf,
  limitReplies,
  openChat,
  replies,
  status,
  transcript,
} from './chat-page.ts'
import { openView } from './view-page.ts'

const VOCABULARY = new URL('vocab.txt', storytellerFolder).pathname
const NOTES = { name: 'notes.pth', mimeType: '', buffer: Buffer.from('these are my notes') }
const CAT = 'Tell me a story about a cat.'

const openFiles = (page: Page) => page.getByLabel('Open model files')

test('a story, an edit, versions, a model of one’s own, a wrong file, a reload, no network, and on it goes @verify', async ({
  page,
  context,
}, info) => {
  test.slow()
  await openChat(page)
  await limitReplies(page, 8)
  await ask(page, CAT)
  await edit(page, 0, 'Tell me a story about a dog.')
  await costOf(page, 1)
  await action(page, 0, 'Previous version').click()
  await expect.poll(async () => (await transcript(page))[0]).toBe(`You: ${CAT}`)
  const cat = await transcript(page)

  const own = info.outputPath('my-model.pth')
  await writeFile(own, await storytellerPth())
  await openFiles(page).setInputFiles([own, VOCABULARY])
  await expect(status(page)).toContainText('my-model')
  await expect(page.getByText('so that is guessed')).toBeVisible()
  await page.getByRole('combobox', { name: 'Prompt format' }).selectOption('User, Assistant')
  await page.getByRole('button', { name: 'Keep' }).click()
  await expect(page.getByText('my-model.pth is kept on this device.')).toBeVisible()
  await expect(page).toHaveURL(/\?.*own=[\w-]{36}/)
  await limitReplies(page, 8)
  await ask(page, CAT, 2)
  await expect(entries(page)).toHaveCount(1) // each model has its own conversations
  const said = await transcript(page)

  await openFiles(page).setInputFiles([NOTES])
  await expect(page.getByRole('alert')).toContainText('notes.pth could not be opened')
  await expect(status(page)).toContainText('my-model')
  expect(await transcript(page)).toEqual(said)
  expect((await ask(page, 'And then?', 3)).fed).toBe(await idsOf(page, 'And then?'))
  const more = await transcript(page)

  await expect(status(page)).toContainText('Ready for offline')
  await context.setOffline(true)
  await page.reload()
  await expect(status(page)).toContainText('my-model')
  await expect.poll(() => transcript(page)).toEqual(more)
  await expect(page.getByRole('combobox', { name: 'Prompt format' })).toHaveValue('userAssistant')
  await limitReplies(page, 8)
  expect((await ask(page, 'Why?')).fed).toBe(await idsOf(page, 'Why?'))

  const models = await openView(page, 'Models')
  const card = models.getByRole('listitem').filter({ hasText: 'my-model.pth' })
  await expect(card).toContainText('In use')
  await models.getByRole('link', { name: 'Open: storyteller' }).click()
  await expect(status(page)).toContainText('storyteller')
  await entries(page).getByRole('link').click()
  await expect.poll(() => transcript(page)).toEqual(cat)

  await openView(page, 'Models')
  await card.getByRole('button', { name: 'Delete: my-model.pth' }).click()
  await card.getByRole('button', { name: 'Really delete?: my-model.pth' }).click()
  await expect(card).toHaveCount(0)
})

test.describe('a model that fails once it is known to be one', () => {
  test.use({ serviceWorkers: 'block' }) // one would answer for the worker's file

  test('leaves a way back to the model that was there, and to its conversation @verify', async ({ page }, info) => {
    await openChat(page)
    await limitReplies(page, 4)
    await ask(page, 'Hello!')
    const said = await transcript(page)
    const own = info.outputPath('my-model.pth')
    await writeFile(own, await storytellerPth())
    await beginWorkerWith(page, "GPUQueue.prototype.submit = () => { throw new RangeError('no memory') }")
    await openFiles(page).setInputFiles([own, VOCABULARY])
    await expect(page.getByText('my-model.pth is not in use.')).toBeVisible()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Back to storyteller' }).click()
    await expect(status(page)).toContainText('storyteller')
    await expect.poll(() => transcript(page)).toEqual(said)
    await expect(replies(page)).toHaveCount(1)
    await expect(page.getByRole('alert')).toHaveCount(0)
  })
})
