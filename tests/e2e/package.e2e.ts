import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { build, createServer, preview } from 'vite'
import { compilerSays, installPacked } from '../tools/packed.ts'
import { serveFiles } from '../tools/static-server.ts'
import { replies, untilState, watch } from './element-page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const model = join(root, 'demo/public/models/storyteller')

let place = ''

/** A user's app: this package as npm packs it, and what it says it depends on. Nothing comes from the network. */
test.beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'rwkv-package-'))
  expect(installPacked(place, join(place, 'app/node_modules'))).toEqual(['comlink'])
  const file = (name: string, content: string) => writeFileSync(join(place, 'app', name), content)
  file('package.json', '{ "name": "app", "private": true, "type": "module" }')
  file(
    'index.html',
    '<!doctype html><link rel="icon" href="data:,"><title>app</title><script type="module" src="./main.ts"></script><rwkv-chat src="/model/" loading="eager" max-tokens="8"></rwkv-chat><output></output>',
  )
  file(
    'main.ts',
    `import { isRwkvError, loadModel, type Model } from 'rwkv.js'
import 'rwkv.js/element'

const output = document.querySelector('output') as HTMLOutputElement
const chat = document.querySelector('rwkv-chat')
chat?.addEventListener('statechange', async ({ detail }) => {
  if (detail.state !== 'ready' || output.textContent) return
  try {
    const model: Model = await loadModel('/model/')
    const session = await model.createSession({ sampling: { temperature: 0, maxTokens: 8 } })
    for await (const piece of session.prompt('Hello!')) output.append(piece)
    // What keeps a reply to a format is in a file of its own, which the worker fetches.
    const counted = session.prompt('How many?', { sampling: { format: { type: 'regex', pattern: '[0-9]{3}' } } })
    for await (const piece of counted) output.append(' ', piece)
    const wrong = session.prompt('How many?', { sampling: { format: { type: 'regex', pattern: '(?=a)' } } })
    await wrong.summary.catch((error) => output.append(' ', error.code))
    output.append(' (done)')
  } catch (error) {
    output.append(isRwkvError(error) ? error.code : String(error))
  }
})
`,
  )
  mkdirSync(join(place, 'app/public'))
  cpSync(model, join(place, 'app/public/model'), { recursive: true })
})

test.afterAll(() => rmSync(place, { recursive: true, force: true }))

/** Both ways into the package answer: the element, and the library. */
async function expectReplies(page: Page, url: string): Promise<void> {
  const seen = await watch(page)
  await page.goto(url)
  await expect(page.locator('output')).toContainText(/\w+.* (\d ?){3} option\/invalid \(done\)/)
  const chat = page.locator('rwkv-chat')
  await untilState(chat, 'ready')
  await chat.getByRole('textbox', { name: 'Message' }).fill('Hello!')
  await chat.getByRole('button', { name: 'Send' }).click()
  await expect(replies(chat)).toContainText('tokens/s')
  expect(seen.filter((line) => !line.startsWith('debug: [vite]'))).toEqual([])
}

test('packed and built by a Vite app, it streams replies', async ({ page }) => {
  const app = join(place, 'app')
  await build({ root: app, configFile: false, logLevel: 'error' })
  const server = await preview({ root: app, configFile: false, logLevel: 'error', preview: { port: 0 } })
  try {
    await expectReplies(page, server.resolvedUrls?.local[0] ?? '')
  } finally {
    await server.close()
  }
})

test('packed and served by the dev server of a Vite app, it streams replies @verify', async ({ page }) => {
  const server = await createServer({
    root: join(place, 'app'),
    configFile: false,
    logLevel: 'error',
    server: { port: 0 },
  })
  await server.listen()
  try {
    await expectReplies(page, server.resolvedUrls?.local[0] ?? '')
  } finally {
    await server.close()
  }
})

test('packed, it answers in node from a folder, by itself ends the program, and says why it has no GPU', () => {
  const program = `import { createNodeEngine } from 'rwkv.js/node'
const engine = await createNodeEngine()
const model = await engine.loadModel('public/model')
console.log(model.info.device.reason)
const session = await model.createSession()
const { text } = await session.prompt('Hello!', { sampling: { temperature: 0, maxTokens: 8 } }).summary
console.log(text)
await engine.dispose()`
  const options = { cwd: join(place, 'app'), encoding: 'utf8', timeout: 60_000 } as const
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], options)
  expect(said).toMatch(/^Node has no WebGPU of its own\. Install Dawn with npm install webgpu\.\n.*\w+/)
})

for (const { module, moduleResolution, tag } of [
  { module: 'ESNext', moduleResolution: 'bundler', tag: '' },
  { module: 'NodeNext', moduleResolution: 'nodenext', tag: ' @verify' },
]) {
  test(`its types satisfy the compiler of a strict app that resolves as ${moduleResolution} does and has no Lit${tag}`, () => {
    const app = join(place, 'app')
    const options = {
      ...{ module, moduleResolution },
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'ES2023',
      lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      types: [],
    }
    const entries = [
      'rwkv.js',
      'rwkv.js/engine',
      'rwkv.js/node',
      'rwkv.js/element',
      'rwkv.js/openai',
      'rwkv.js/prompt-api',
    ]
    const all = entries.map((entry, i) => `export * as entry${i} from '${entry}'`)
    writeFileSync(join(app, 'all.ts'), all.join('\n'))
    writeFileSync(
      join(app, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['main.ts', 'all.ts'] }),
    )
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    expect(compilerSays(compiler, app)).toBe('')
  })
}

test('the CDN file works on a plain page of another origin, which serves only the model', async ({ page }) => {
  const cdn = await serveFiles({
    folders: { '/': join(root, 'dist/cdn') },
    headers: { 'access-control-allow-origin': '*' },
  })
  writeFileSync(
    join(place, 'plain.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>plain</title><script type="module" src="${cdn.url}rwkv-chat.js"></script><rwkv-chat src="model/" max-tokens="8"></rwkv-chat>`,
  )
  const own = await serveFiles({ folders: { '/model/': model, '/': place } })
  try {
    const seen = await watch(page)
    await page.goto(`${own.url}plain.html`)
    const chat = page.locator('rwkv-chat')
    await untilState(chat, 'ready')
    await chat.getByRole('textbox', { name: 'Message' }).fill('Hello!')
    await chat.getByRole('button', { name: 'Send' }).click()
    await expect(replies(chat)).toContainText('tokens/s')
    expect(seen).toEqual([])
  } finally {
    cdn.close()
    own.close()
  }
})

test('the element file and the worker beside it work on a plain page of the same origin @verify', async ({ page }) => {
  writeFileSync(
    join(place, 'same.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>same</title><script type="importmap">{ "imports": { "comlink": "/comlink/dist/esm/comlink.mjs" } }</script><script type="module" src="/dist/element.js"></script><rwkv-chat src="model/" max-tokens="8"></rwkv-chat>`,
  )
  const served = await serveFiles({
    folders: {
      '/model/': model,
      '/dist/': join(root, 'dist'),
      '/comlink/': join(root, 'node_modules/comlink'),
      '/': place,
    },
  })
  try {
    await page.goto(`${served.url}same.html`)
    const chat = page.locator('rwkv-chat')
    await untilState(chat, 'ready')
    await chat.getByRole('textbox', { name: 'Message' }).fill('Hello!')
    await chat.getByRole('button', { name: 'Send' }).click()
    await expect(replies(chat)).toContainText('tokens/s')
  } finally {
    served.close()
  }
})
