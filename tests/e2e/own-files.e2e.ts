import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { type PthTensor, pthParts } from '../tools/pth-bytes.ts'
import { costOf, message, openChat, send, status, watchConsole } from './chat-page.ts'

const folder = new URL('../../demo/public/models/storyteller/', import.meta.url)
const types = { F32: 'FloatStorage', F16: 'HalfStorage', BF16: 'BFloat16Storage' }

/** The built-in model's weights as torch.save writes them. */
async function builtInAsPth(): Promise<Buffer> {
  const checkpoint = await openCheckpoint(
    createByteSource('model.safetensors', await readFile(new URL('model.safetensors', folder))),
  )
  const tensors = Array.from(checkpoint.tensors.values(), async (tensor): Promise<PthTensor> => {
    const { name, dtype, shape, byteLength } = tensor
    return { name, type: types[dtype], shape, data: await checkpoint.read(tensor, 0, byteLength) }
  })
  return Buffer.concat(pthParts(await Promise.all(tensors)))
}

test('a .pth and its vocabulary, chosen with the file input, are a chat', async ({ page }, info) => {
  const seen = watchConsole(page)
  await openChat(page)
  const weights = info.outputPath('my-model.pth')
  await writeFile(weights, await builtInAsPth())
  await page.getByLabel('Open model files').setInputFiles([weights, new URL('vocab.txt', folder).pathname])
  await expect(status(page)).toContainText('my-model')
  await page.locator('rwkv-chat').evaluate((chat: HTMLElementTagNameMap['rwkv-chat']) => {
    chat.maxTokens = 6
  })
  await send(page, 'Hello!')
  await expect(page.getByRole('log').getByRole('article', { name: 'my-model' }).locator('.text')).not.toBeEmpty()
  expect((await costOf(page)).tokens).toBeGreaterThan(0)
  await expect(message(page)).toBeVisible()
  expect(seen).toEqual([])
})

test('files that are no model are refused with a sentence, and the built-in model can be opened again', async ({
  page,
}) => {
  await openChat(page)
  const files = [{ name: 'notes.pth', mimeType: '', buffer: Buffer.from('these are my notes') }]
  await page.getByLabel('Open model files').setInputFiles(files)
  await expect(page.getByRole('alert')).toContainText('notes.pth')
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
})
