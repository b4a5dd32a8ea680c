import { expect, test } from '@playwright/test'
import { limitReplies, openChat, send } from './chat-page.ts'
import { expectSound, openView } from './view-page.ts'

test('About tells of adapter, limits, versions and software, and what it copies holds no word that was said', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('./?model=./nothing/#about')
  await expect(page.getByRole('main', { name: 'About' })).toContainText('The model could not be loaded')
  await expect(page.getByRole('heading', { name: 'Model', exact: true })).toBeHidden() // nothing would stand under it
  await openChat(page)
  await limitReplies(page, 2)
  await send(page, 'The password is swordfish.')
  const about = await openView(page, 'About')
  await expect(about).toContainText('Nothing. Not what you type')
  await expect(about.getByRole('note')).toContainText('No hardware GPU is in use')
  await about.getByText('Limits', { exact: true }).click()
  await expect(about.getByRole('row', { name: /maxStorageBufferBindingSize [\d,]{9,}/ })).toBeVisible()

  const copy = about.getByRole('button', { name: 'Copy diagnostics' })
  const [note, below] = [await about.getByText('For a report of a fault').boundingBox(), await copy.boundingBox()]
  expect((below?.y ?? 0) - (note?.y ?? 0) - (note?.height ?? 0)).toBeGreaterThan(8) // the two do not touch
  await copy.click()
  await expect(about.getByRole('status')).toHaveText('Copied')
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(JSON.parse(copied)).toMatchObject({
    rwkvJs: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    browser: expect.stringContaining('Chrome'),
    webGpu: true,
    model: {
      name: 'storyteller',
      stateByteLength: 23_040,
      adapter: { isFallback: true, limits: { maxComputeInvocationsPerWorkgroup: expect.any(Number) } },
    },
  })
  expect(copied).not.toMatch(/swordfish|User:/)
  await openView(page, 'Models')
  await openView(page, 'About')
  await page.evaluate(() => navigator.storage.estimate()) // which the view has asked for before
  await expect(about.getByRole('status')).toHaveText('Copied') // the numbers are shown anew, and it stands
  await expectSound(page)
})
