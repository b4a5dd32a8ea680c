import { writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { goldenFolder7, goldenFolder56 } from '../tools/golden.ts'
import { storytellerFolder, storytellerPth } from '../tools/storyteller-pth.ts'
import { costOf, message, openChat, send, status, watchConsole } from './chat-page.ts'

test(
  'a .pth and its vocabulary, chosen with the file input, are a chat',
  { tag: '@firefox-verify' },
  async ({ page }, info) => {
    const seen = watchConsole(page)
    await openChat(page)
    const weights = info.outputPath('my-model.pth')
    await writeFile(weights, await storytellerPth())
    await page.getByLabel('Open model files').setInputFiles([weights, new URL('vocab.txt', storytellerFolder).pathname])
    await expect(status(page)).toContainText('my-model')
    await page.locator('rwkv-chat').evaluate((chat: HTMLElementTagNameMap['rwkv-chat']) => {
      chat.maxTokens = 6
    })
    await send(page, 'Hello!')
    await expect(page.getByRole('log').getByRole('article', { name: 'my-model' }).locator('.text')).not.toBeEmpty()
    expect((await costOf(page)).tokens).toBeGreaterThan(0)
    await expect(message(page)).toBeVisible()
    expect(seen).toEqual([])
  },
)

for (const [version, folder, file] of [
  [6, goldenFolder56, 'six128.q8_0.gguf'],
  [7, goldenFolder7, 'seven128.q8_0.gguf'],
] as const)
  test(`a .gguf of RWKV-${version} by itself is a chat, by the vocabulary in it @verify`, async ({ page }) => {
    const seen = watchConsole(page)
    await openChat(page)
    await page.getByLabel('Open model files').setInputFiles(`${folder}/models/${file}`)
    const name = file.replace('.gguf', '')
    await expect(status(page)).toContainText(name)
    const chat = page.locator('rwkv-chat')
    await chat.evaluate((element: HTMLElementTagNameMap['rwkv-chat']) => {
      element.maxTokens = 6
    })
    await send(page, 'Hello!')
    await expect(page.getByRole('log').getByRole('article', { name })).toBeVisible()
    await expect.poll(async () => (await costOf(page)).tokens).toBeGreaterThan(0)
    const info = await chat.evaluate((element: HTMLElementTagNameMap['rwkv-chat']) => element.info)
    expect([info?.config.version, info?.weights]).toEqual([version, 'q8'])
    expect(seen).toEqual([])
  })

test('files that are no model are refused with a sentence, and the built-in model can be opened again @verify', async ({
  page,
}) => {
  await openChat(page)
  const files = [{ name: 'notes.pth', mimeType: '', buffer: Buffer.from('these are my notes') }]
  await page.getByLabel('Open model files').setInputFiles(files)
  await expect(page.getByRole('alert')).toContainText('notes.pth')
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
})
