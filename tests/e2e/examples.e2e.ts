/** @file The examples, from their own folders, with what they ask npm for: installed, built, and used. */

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { pack } from '../tools/packed.ts'
import { serveFiles } from '../tools/static-server.ts'
import { replies, untilState } from './element-page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let place = ''

/** Beside the package, as npm packs it, and the demo, as in the repository. */
test.beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'rwkv-examples-'))
  pack(place)
  symlinkSync(join(root, 'demo'), join(place, 'demo'))
  cpSync(join(root, 'examples'), join(place, 'examples'), { recursive: true })
})

test.afterAll(() => rmSync(place, { recursive: true, force: true }))

/** Install an example and run its scripts. @returns its folder */
function prepare(name: string, ...scripts: string[]): string {
  const cwd = join(place, 'examples', name)
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd })
  for (const script of scripts) execFileSync('npm', ['run', script], { cwd })
  return cwd
}

/** The element on a page answers. */
async function expectReply(page: Page, url: string): Promise<void> {
  await page.goto(url)
  const chat = page.locator('rwkv-chat')
  await untilState(chat, 'ready')
  await chat.getByRole('textbox', { name: 'Message' }).fill('Tell me a story.')
  await chat.getByRole('button', { name: 'Send' }).click()
  await expect(replies(chat)).toContainText('tokens/s')
}

test.setTimeout(300_000)

test('node: a chat in the terminal @examples', () => {
  const cwd = prepare('node', 'model')
  const said = execFileSync(process.execPath, ['chat.js'], { cwd, input: 'Tell me a story.\n\n', encoding: 'utf8' })
  expect(said).toMatch(/^storyteller on \w+\..*\n> .*\w+ \w+ \w+/)
})

test('plain: the element on a page, its script from another origin @examples', async ({ page }) => {
  const cwd = prepare('plain', 'model')
  const cdn = await serveFiles({
    folders: { '/': join(root, 'dist/cdn') },
    headers: { 'access-control-allow-origin': '*' },
  })
  const own = await serveFiles({ folders: { '/': cwd } })
  await page.route('http://localhost:8081/**', (route) => route.continue({ url: `${cdn.url}rwkv-chat.js` }))
  await expectReply(page, own.url)
  for (const server of [cdn, own]) server.close()
})

test('vite: a story streams into the page, and stops when it is told to @examples', async ({ page }) => {
  const served = await serveFiles({ folders: { '/': join(prepare('vite', 'model', 'build'), 'dist') } })
  await page.goto(served.url)
  await expect(page.getByRole('status')).toHaveText('storyteller is ready.')
  await page.getByRole('button', { name: 'Write' }).click()
  await expect(page.getByRole('status')).toHaveText(/^\d+ tokens\/s, ended by \w+\.$/)
  await expect(page.getByRole('article')).toHaveText(/\w+ \w+ \w+/)
  await page.getByRole('button', { name: 'Write' }).click()
  await expect(page.getByRole('article')).toHaveText(/\w+/)
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByRole('status')).toHaveText(/ended by abort/)
  served.close()
})

test('react: events of the element reach the component @examples', async ({ page }) => {
  const served = await serveFiles({ folders: { '/': join(prepare('react', 'model', 'build'), 'dist') } })
  await expectReply(page, served.url)
  await expect(page.getByText(/The last reply took \d+ tokens/)).toBeVisible()
  served.close()
})

test('next: the element in a client component @examples', async ({ page }) => {
  const cwd = prepare('next', 'model', 'build')
  const server = spawn('npx', ['next', 'start', '-p', '0'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.on('close', () => reject(new Error('next start has ended')))
      server.stdout.on('data', (text) => {
        const [found] = /http:\/\/localhost:\d+/.exec(String(text)) ?? []
        if (found) resolve(found)
      })
    })
    await expectReply(page, url)
  } finally {
    process.kill(-(server.pid as number))
  }
})
