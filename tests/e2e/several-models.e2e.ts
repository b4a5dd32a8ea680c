import { readFile, writeFile } from 'node:fs/promises'
import { type BrowserContext, expect, test } from '@playwright/test'
import { storytellerFolder, storytellerPth } from '../tools/storyteller-pth.ts'
import { violations } from './axe.ts'
import { openChat, status } from './chat-page.ts'
import { serveAsHub } from './hub-page.ts'
import { openView } from './view-page.ts'

const vocabulary = new URL('vocab.txt', storytellerFolder)

test.use({ serviceWorkers: 'block' })

/** A repository of two models. */
const serveTwo = async (context: BrowserContext) =>
  serveAsHub(context, 'someone/two', [
    { path: 'large.pth', parts: [await storytellerPth(), new Uint8Array(1_000_000)] }, // never opened
    { path: 'small.pth', parts: [await storytellerPth()] },
    { path: 'rwkv_vocab.txt', parts: [await readFile(vocabulary)] },
  ])

test('a repository of several models offers them by name and size, in the chat and in Models @verify', async ({
  page,
  context,
}) => {
  const hub = await serveTwo(context)
  try {
    await page.goto('./?model=https://huggingface.co/someone/two')
    const choices = page.getByRole('list', { name: 'Models to choose from' })
    await expect(choices.getByRole('button')).toHaveText([/^small\.pth · 9\.\d MB$/, /^large\.pth · 10\.\d MB$/])
    expect(await violations(page)).toEqual([])
    expect(hub.state.served).toEqual([])
    await choices.getByRole('button', { name: 'small.pth' }).click()
    await expect(status(page)).toContainText('small')
    await expect(page).toHaveURL(/\?model=hf%3Asomeone%2Ftwo%2Fsmall\.pth/)

    const view = await openView(page, 'Models')
    await view.getByRole('textbox', { name: 'Name or address' }).fill('hf:someone/two')
    await page.keyboard.press('Enter')
    const place = view.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /^hf:someone\/two$/ }) })
    await place.getByRole('button', { name: 'Download: hf:someone/two' }).click()
    await place.getByRole('button', { name: /^large\.pth/ }).click()
    await expect(view.getByRole('link', { name: 'Open: hf:someone/two/large.pth' })).toBeFocused()
  } finally {
    await hub.close()
  }
})

test('of several models among the reader’s files one is chosen @verify', async ({ page }, info) => {
  await openChat(page)
  const files = ['one.pth', 'other.pth'].map((name) => info.outputPath(name))
  for (const file of files) await writeFile(file, await storytellerPth())
  await page.getByLabel('Open model files').setInputFiles([...files, vocabulary.pathname])
  await page.getByRole('button', { name: /^other\.pth/ }).click()
  await expect(status(page)).toContainText('other')
  await expect(page.getByRole('list', { name: 'Models to choose from' })).toHaveCount(0)
})
