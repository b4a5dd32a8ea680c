import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { createServer } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, 'utf8')) ?? []

test("the README's library example runs as it stands", async ({ page }) => {
  const server = await createServer({
    configFile: `${root}vite.config.ts`,
    logLevel: 'error',
    server: { port: 0, host: 'localhost' },
    resolve: { alias: { 'rwkv.js': `${root}src/index.ts` } },
    plugins: [
      {
        name: 'readme-example',
        resolveId: (id) => (id.endsWith('readme-example.ts') ? '/readme-example.ts' : undefined),
        load: (id) => (id === '/readme-example.ts' ? example : undefined),
        configureServer: ({ middlewares, transformIndexHtml }) => {
          middlewares.use('/readme.html', async (_request, response) => {
            const html = '<!doctype html><body><script type="module" src="/readme-example.ts"></script></body>'
            response.setHeader('content-type', 'text/html').end(await transformIndexHtml('/readme.html', html))
          })
        },
      },
    ],
  })
  await server.listen()
  const logged: string[] = []
  page.on('console', (entry) => logged.push(entry.text()))
  await page.goto(`${server.resolvedUrls?.local[0]}readme.html`)
  await expect(page.locator('body')).toContainText(/[a-z]{3}/, { timeout: 60_000 })
  await expect.poll(() => logged.some((line) => /^\d+(\.\d+)?$/.test(line) && Number(line) > 0)).toBe(true)
  expect(logged).toContainEqual(expect.stringMatching(/^(\d+) of \1 bytes$/)) // the last report is of everything
  await server.close()
})
