import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { createServer, type ViteDevServer } from 'vite'
import { examplesOf, promisesOf } from '../tools/examples.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const guides = readdirSync(`${root}docs`).map((name) => `docs/${name}`)
const text = ['README.md', ...guides].map((file) => readFileSync(`${root}${file}`, 'utf8')).join('\n')

/** The examples of README and guides that run as they stand, by the word behind their language; the first has none. */
const examples = new Map(
  Array.from(text.matchAll(/```(?:ts|js)(?: ([\w-]+))?\n([\s\S]*?)```/g))
    .map(([, name = 'first', code = '']): [string, string] => [name, code])
    .reverse(), // so that the first of those without a name stays
)

examples.set('define', "import 'rwkv.js/element'")

const source = (file: string) => `${root}src/${file}.ts`
let server: ViteDevServer

test.beforeAll(async () => {
  server = await createServer({
    configFile: `${root}vite.config.ts`,
    logLevel: 'error',
    server: { port: 0, host: 'localhost' },
    resolve: {
      alias: [
        { find: /^rwkv\.js$/, replacement: source('index') },
        { find: /^rwkv\.js\/(openai|prompt-api|ai-sdk)$/, replacement: source('client/$1') },
        { find: /^rwkv\.js\/engine$/, replacement: source('engine') },
        { find: /^rwkv\.js\/element$/, replacement: source('element/index') },
        { find: /^rwkv\.js\/(labels\/.*)$/, replacement: source('element/$1') },
      ],
    },
    plugins: [
      {
        name: 'readme-examples',
        resolveId: (id) => (id.startsWith('/readme/') ? id : undefined),
        load: (id) => examples.get(/^\/readme\/(.*)\.ts$/.exec(id)?.[1] ?? ''),
        configureServer: ({ middlewares, transformIndexHtml }) => {
          middlewares.use('/sw.js', (_request, response) => {
            response.setHeader('content-type', 'text/javascript').end(examples.get('service-worker'))
          })
          middlewares.use('/readme.html', async (request, response) => {
            const names = request.url?.split('?')[1]?.split('+') ?? []
            const scripts = names.map((name) => `<script type="module" src="/readme/${name}.ts"></script>`).join('')
            const chat = names.includes('define')
              ? '<rwkv-chat src="/models/storyteller/" max-tokens="4"></rwkv-chat>'
              : ''
            const html = await transformIndexHtml('/readme.html', `<!doctype html><body>${chat}${scripts}</body>`)
            response.setHeader('content-type', 'text/html').end(html)
          })
        },
      },
    ],
  })
  await server.listen()
})

test.afterAll(() => server.close())

/** Run an example, or several joined by +; what they log comes into the list. */
async function run(page: Page, name: string): Promise<string[]> {
  const logged: string[] = []
  page.on('console', (entry) => logged.push(entry.text()))
  await page.goto(`${server.resolvedUrls?.local[0]}readme.html?${name}`)
  return logged
}

const body = (page: Page) => expect(page.locator('body'))

test("the README's library example runs as it stands", async ({ page }) => {
  const logged = await run(page, 'first')
  await body(page).toContainText(/[a-z]{3}/, { timeout: 60_000 })
  await expect.poll(() => logged.some((line) => /^\d+(\.\d+)?$/.test(line) && Number(line) > 0)).toBe(true)
  expect(logged).toContainEqual(expect.stringMatching(/^ready: (\d+) of \1 bytes$/)) // the last report is of everything
})

test('a chat in the shape of OpenAI reads nothing twice', async ({ page }) => {
  const logged = await run(page, 'openai')
  await body(page).toContainText(/[a-z]{3}/, { timeout: 60_000 })
  await expect.poll(() => logged.find((line) => /^[1-9]\d* [1-9]\d*\.\d+$/.test(line))).toBeTruthy()
})

test('a service worker answers a baseURL', async ({ page }) => {
  await run(page, 'route')
  await page.waitForFunction(() => navigator.serviceWorker.controller)
  const answer = await page.evaluate(async () => {
    const messages = [{ role: 'user', content: 'Hello!' }]
    const ask = async (body: object) =>
      (await fetch('/v1/chat/completions', { method: 'POST', body: JSON.stringify({ messages, ...body }) })).text()
    return { streamed: await ask({ stream: true, max_tokens: 4 }), refused: await ask({ colour: 1 }) }
  })
  expect(answer.streamed).toMatch(/^data: \{"id":"chatcmpl-.*\n\ndata: \[DONE\]\n\n$/s)
  expect(JSON.parse(answer.refused)).toMatchObject({ error: { param: 'colour', code: 'unknown_parameter' } })

  // Other origins and navigations go where they would without it, and where no page listens it says so.
  const other = await page.evaluate(() => {
    const url = new URL('/v1/models', location.href.replace('localhost', '127.0.0.1'))
    return fetch(url, { mode: 'no-cors' }).then(
      ({ type }) => type,
      () => 'not reached',
    )
  })
  expect(other).not.toBe('default') // the type of what a service worker makes
  const second = await page.context().newPage()
  const visited = second.goto(`${server.resolvedUrls?.local[0]}v1/models`) // the server has no such page
  await expect(visited).rejects.toThrow('ERR_HTTP_RESPONSE_CODE_FAILURE')
  await page.goto(`${server.resolvedUrls?.local[0]}readme.html?nothing`)
  const unheard = await page.evaluate(async () => {
    const response = await fetch('/v1/chat/completions', { method: 'POST', body: '{}' })
    return { status: response.status, ...(await response.json()) }
  })
  expect(unheard).toMatchObject({ status: 504, error: { code: 'no_page' } })
})

test("the Prompt API's shape and the AI SDK's stream", async ({ page }) => {
  const logged = await run(page, 'prompt-api')
  await expect.poll(() => logged.find((line) => /^\d+ Infinity$/.test(line)), { timeout: 60_000 }).toBeTruthy()
  await body(page).toContainText(/[a-z]{3}/)
  await run(page, 'ai-sdk')
  await body(page).toContainText(/[a-z]{3}/, { timeout: 60_000 })
})

test('one of several models makes room for another @verify', async ({ page }) => {
  const logged = await run(page, 'several')
  await body(page).toHaveText('model/disposed', { timeout: 60_000 })
  expect(logged.some((line) => /^\d{7,8}$/.test(line))).toBe(true)
})

test('the examples of the element print what they say, and show what they set @verify', async ({ page }) => {
  const logged = await run(page, 'define+element')
  const [promised = ''] = promisesOf(examples.get('element') ?? '')
  await expect.poll(() => logged, { timeout: 60_000 }).toContain(promised)
  await run(page, 'define+labels')
  await expect(page.getByRole('button', { name: 'Los' })).toBeVisible({ timeout: 60_000 })
})

test('the examples of public functions print what they say @verify', async ({ page }) => {
  test.setTimeout(240_000)
  const { entryPoints } = JSON.parse(readFileSync(`${root}typedoc.json`, 'utf8')) as { entryPoints: string[] }
  const ofFunctions = examplesOf(root, entryPoints)
  expect(ofFunctions.size).toBeGreaterThanOrEqual(20)
  for (const [name, [code = '']] of ofFunctions) {
    if (code.includes("'rwkv.js/node'")) continue // tests/examples.verify.test.ts runs it
    examples.set(name, code)
    examples.set(`${name}-in-worker`, `new Worker('/readme/${name}.ts', { type: 'module' })`)
    const logged = await run(page, code.includes("'rwkv.js/engine'") ? `${name}-in-worker` : name)
    const missing = () => promisesOf(code).filter((line) => !logged.some((text) => text.trim() === line))
    await expect.poll(missing, { message: name, timeout: 60_000 }).toEqual([])
    page.removeAllListeners('console')
  }
})
