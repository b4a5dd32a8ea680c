import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { preview } from 'vite'
import { securityHeaders } from '../../demo/content-security.ts'
import { serveFiles } from '../tools/static-server.ts'
import {
  costOf,
  limitReplies,
  list,
  recordSummaries,
  replies,
  send,
  status,
  stopButton,
  transcript,
} from './chat-page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A tab of the app at `url`, once it says that it needs no network any more. */
async function visit(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await recordSummaries(page)
  await page.goto(url)
  await expect(status(page)).toContainText('Ready for offline')
  return page
}

test('without its server a new tab goes on with an old conversation and starts a new one', {
  tag: '@firefox-verify',
}, async ({ context }) => {
  const server = await preview({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    preview: { port: 0, strictPort: false },
  })
  const url = server.resolvedUrls?.local[0] ?? ''
  const first = await visit(context, `${url}?greedy`)
  await limitReplies(first, 6)
  await send(first, 'Tell me a story about a cat.')
  await costOf(first)
  await expect(list(first).getByRole('listitem')).toHaveCount(1)
  const said = await transcript(first)
  await first.close()
  await server.close()
  await expect(fetch(url)).rejects.toThrow()

  const page = await visit(context, `${url}?greedy`)
  await limitReplies(page, 6)
  await list(page).getByRole('link', { name: 'Story about a cat', exact: true }).click()
  await expect.poll(() => transcript(page)).toEqual(said)
  await send(page, 'And then?')
  await costOf(page)
  await expect(replies(page)).toHaveCount(2)
  await page.getByRole('button', { name: 'New conversation' }).click()
  await send(page, 'Hello!')
  expect((await costOf(page, 1)).tokens).toBeGreaterThan(0)
  await expect(list(page).getByRole('listitem')).toHaveCount(2)
})

test('a new version is offered, leaves a reply under way alone, and comes when its reader wants it', async ({
  context,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'rwkv-app-'))
  cpSync(join(root, 'dist/demo'), folder, { recursive: true })
  const served = await serveFiles({ folders: { '/': folder }, headers: securityHeaders })
  const url = `${served.url}?greedy&device=webgpu` // slow: the reply is to last
  try {
    await (await visit(context, url)).close() // from the next visit on the app's worker is in charge
    const page = await visit(context, url)
    await expect(page).toHaveTitle('rwkv.js')
    await limitReplies(page, 5000, 5000) // until it is stopped
    await send(page, 'Tell me a story about a cat.')
    await expect(replies(page)).toContainText('Once')

    const change = (file: string, from: RegExp, to: string) => {
      const before = readFileSync(join(folder, file), 'utf8')
      expect(before).toMatch(from)
      writeFileSync(join(folder, file), before.replace(from, to))
    }
    change('index.html', /<title>rwkv\.js/, '<title>the next rwkv.js')
    change('sw.js', /(?<=url:"index\.html",revision:")\w+/, 'another')
    await page.evaluate(async () => void (await navigator.serviceWorker.getRegistration())?.update())

    const notices = page.getByRole('region', { name: 'Notices' })
    await expect(notices).toContainText('A new version of this page is ready.')
    await expect(stopButton(page)).toBeVisible() // still replying
    const soFar = (await transcript(page)).at(-1) ?? ''
    await expect.poll(async () => (await transcript(page)).at(-1)?.length).toBeGreaterThan(soFar.length)
    await stopButton(page).click()
    expect((await costOf(page)).finishReason).toBe('abort')
    await expect(list(page).getByRole('listitem')).toHaveCount(1)
    const said = await transcript(page)
    await expect(page).toHaveTitle('rwkv.js')

    await notices.getByRole('button', { name: 'Update' }).click()
    await expect(page).toHaveTitle('the next rwkv.js')
    await expect(status(page)).toContainText('Ready for offline')
    expect(await transcript(page)).toEqual(said)
    await expect(notices).not.toContainText('new version')
  } finally {
    served.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Width and height as the file's own header has them. */
function sizeOfPng(bytes: Buffer): string {
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`
}

test('the manifest is one that browsers take, and its icons are as large as it says', async ({ page, baseURL }) => {
  await page.goto('./')
  const cdp = await page.context().newCDPSession(page)
  const { url, errors } = await cdp.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const response = await page.request.get(url)
  expect(response.headers()['content-type']).toMatch(/manifest\+json/)
  const manifest = await response.json()
  expect(manifest).toMatchObject({ name: 'rwkv.js chat', short_name: 'rwkv.js', display: 'standalone' })
  expect(new URL(manifest.start_url, url).href).toBe(baseURL)
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors')
  // Tests browse privately, where nothing can be installed.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])

  const kinds = new Set<string>()
  for (const { src, sizes, type, purpose = 'any' } of manifest.icons) {
    const icon = await page.request.get(new URL(src, url).href)
    expect(icon.headers()['content-type']).toBe(type)
    if (type === 'image/png') expect(sizeOfPng(await icon.body())).toBe(sizes)
    else expect(await icon.text()).toMatch(/^<svg[^>]*viewBox/)
    kinds.add(`${sizes} ${purpose}`)
  }
  expect([...kinds]).toEqual(expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']))
  const touch = await page.locator('link[rel="apple-touch-icon"]').getAttribute('href')
  expect(sizeOfPng(await (await page.request.get(touch ?? '')).body())).toBe('180x180')
})
