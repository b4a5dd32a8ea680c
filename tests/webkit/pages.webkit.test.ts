/** @file The pages in WebKitGTK, which has no WebGPU and no files for pages: `npm run build && npm run e2e:webkit`. */

import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Served } from '../tools/static-server.ts'
import { serveDemo } from './site.ts'
import { startWebKit, type WebKit } from './webkit.ts'

const VIEWS = ['chat', 'compare', 'state', 'models', 'lab', 'bench', 'structured', 'settings', 'about']
const NO_MODEL = 'This browser cannot run a model. The chat says what to do.'
const KEYS = { tab: '\uE004', enter: '\uE007', escape: '\uE00C' }

let site: Served
let webkit: WebKit

beforeAll(async () => {
  site = await serveDemo({ worker: 'WebAssembly = undefined' })
  webkit = await startWebKit({ language: 'C' }) // which Intl refuses
  await webkit.resize(1280, 800)
})
afterAll(async () => {
  await webkit?.close()
  site?.close()
})
beforeEach(() => webkit.open(site.url))

const broken = () => webkit.run(() => probe.broken)
const text = () => webkit.run(() => document.body.innerText)
const viewText = () => webkit.run(() => probe.view()?.innerText)

/** Go to a view by its address. */
async function open(view: string): Promise<void> {
  await webkit.run((hash) => {
    location.hash = hash
  }, view)
  await expect.poll(viewText).toMatch(/./)
}

async function press(words: string): Promise<void> {
  await expect.poll(() => webkit.run((button) => probe.button(button) !== undefined, words)).toBe(true)
  await webkit.click((button) => probe.button(button), words)
}

/** A picture, for whoever names a folder for them. */
async function take(name: string): Promise<void> {
  const folder = process.env.RWKV_SCREENSHOTS
  if (folder) writeFileSync(`${folder}/webkit-${name}.png`, await webkit.screenshot())
}

test('without WebAssembly the page says that no model can run here, and what to do', async () => {
  await expect.poll(text).toMatch(/This browser cannot run the model yet.*has no WebGPU.*Safari/s)
  expect(await webkit.run(() => document.querySelectorAll('.notice').length)).toBe(0)
  expect(await broken()).toEqual([])
})

test.each([1280, 390])('at %i px each view is there and no wider than the page', async (width) => {
  await webkit.resize(width, 800)
  for (const view of VIEWS) {
    await open(view)
    expect(await webkit.run(() => [innerWidth, document.documentElement.scrollWidth]), view).toEqual([width, width])
    await take(`${view}-${width}`)
  }
  expect(await broken()).toEqual([])
  await webkit.resize(1280, 800)
})

test('what needs a model says why there is none', async () => {
  for (const view of ['compare', 'structured', 'state', 'models', 'about']) {
    await open(view)
    await expect.poll(viewText, { message: view }).toContain(NO_MODEL)
  }
  for (const [view, words] of [
    ['lab', 'Write'],
    ['lab', 'Read and ask'],
    ['bench', 'Measure'],
    ['state', 'Save this state to a file'],
  ] as const) {
    await open(view)
    await press(words)
    await expect.poll(viewText, { message: words }).toContain(NO_MODEL)
  }
  await open('models')
  await expect.poll(viewText).toContain('not known')
  await press('Download')
  await expect.poll(viewText).toContain('This browser keeps no files for this page')
  expect(await broken()).toEqual([])
})

test('the keyboard reaches the views, and closes a sheet', async () => {
  const focused = () => webkit.run(() => document.activeElement?.textContent ?? '')
  const reached: string[] = []
  for (let i = 0; i < 12; i++) {
    await webkit.press(KEYS.tab)
    reached.push(await focused())
  }
  expect(reached).toEqual(expect.arrayContaining(['Chat', 'Models', 'Lab', 'New conversation']))
  await webkit.run(() => document.querySelector<HTMLElement>('.views [href="#models"]')?.focus())
  await webkit.press(KEYS.enter)
  await expect.poll(viewText).toContain('storyteller')
  await open('chat')
  await press('Keyboard shortcuts')
  const isModal = () => webkit.run(() => document.querySelector('dialog')?.matches(':modal') ?? false)
  await expect.poll(isModal).toBe(true)
  await webkit.press(KEYS.escape)
  await expect.poll(isModal).toBe(false)
  await expect.poll(focused).toBe('Keyboard shortcuts')
  expect(await broken()).toEqual([])
})

test('settings are kept, and the page of examples says that no model runs', async () => {
  await open('settings')
  await press('Dark')
  await webkit.open(site.url)
  await expect.poll(() => webkit.run(() => document.documentElement.dataset.theme)).toBe('dark')
  await webkit.open(`${site.url}embed.html`)
  await webkit.run(async () => {
    await customElements.whenDefined('rwkv-chat')
    await Promise.all([...document.querySelectorAll('rwkv-chat')].map((chat) => chat.load()))
  })
  const said = () =>
    webkit.run(() =>
      [...document.querySelectorAll('rwkv-chat')].map((chat) => {
        return chat.shadowRoot?.textContent?.includes('This browser cannot run the model yet') ?? false
      }),
    )
  await expect.poll(said).not.toContain(false)
  expect((await said()).length).toBeGreaterThan(3)
  await take('embed-1280')
  expect(await broken()).toEqual([])
})

test('the page opens without its server', async () => {
  await webkit.run(async () => void (await navigator.serviceWorker.ready))
  site.close()
  await webkit.open(site.url)
  await expect.poll(text).toContain('This browser cannot run the model yet')
  await webkit.run(() => {
    location.hash = 'about' // there is no probe: it is no file of the app
  })
  await expect.poll(text).toContain('What leaves this machine')
  await expect(fetch(site.url)).rejects.toThrow()
})

test('a first visit, on the CPU: a greeting, a story, a branch, answers side by side, the state, and a reload', async () => {
  const onCpu = await serveDemo()
  const say = (message: string) =>
    webkit.run(async (said) => {
      const chat = document.querySelector('rwkv-chat')
      chat?.setAttribute('max-tokens', '12')
      await chat?.send(said)
    }, message)
  const said = () => webkit.run(() => document.querySelector('rwkv-chat')?.messages.map(({ text }) => text) ?? [])
  const view = (name: string) =>
    webkit.run((hash) => {
      location.hash = hash
    }, name)
  try {
    await webkit.open(`${onCpu.url}?greedy`)
    const device = () => webkit.run(() => document.querySelector('rwkv-chat')?.info?.device.name)
    await expect.poll(device).toBe('wasm')
    await say('Hello!')
    await say('Tell me a story about a cat.')
    expect(await said()).toEqual(['Hello!', /./, 'Tell me a story about a cat.', /^\s*Once upon a time/].map(like))

    const edit = () => {
      const log = document.querySelector('rwkv-chat')?.shadowRoot?.querySelector('[role=log]')
      const buttons = [...(log?.children[2]?.querySelectorAll('button') ?? [])]
      return buttons.find(({ ariaLabel }) => ariaLabel === 'Edit')
    }
    await webkit.click(edit)
    await expect.poll(() => webkit.run(() => document.querySelector('.message-editor') !== null)).toBe(true)
    await webkit.run(() => {
      const editor = document.querySelector<HTMLFormElement>('.message-editor')
      const field = editor?.querySelector('textarea')
      if (field) field.value = 'Tell me a story about a brave little boat.'
      editor?.requestSubmit()
    })
    const versions = () =>
      webkit.run(() => document.querySelector('rwkv-chat')?.shadowRoot?.textContent?.includes('2 / 2') ?? false)
    await expect.poll(versions).toBe(true)

    await view('compare')
    await expect.poll(() => webkit.run(() => probe.button('Ask') !== undefined)).toBe(true)
    await webkit.run(() => {
      const question = probe.view()?.querySelector('textarea')
      if (question) question.value = 'And then?'
      question?.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await press('Ask')
    await press('Keep this one')
    await expect.poll(async () => (await said()).length).toBe(6)
    const all = await said()

    await view('state')
    await expect.poll(viewText).toContain('Save this state to a file')
    await view('about')
    await expect.poll(viewText).toContain('This browser has no WebGPU')
    await view('chat')
    await webkit.open(`${onCpu.url}?greedy`)
    await expect
      .poll(() => webkit.run(() => document.querySelectorAll('#conversations li a').length))
      .toBeGreaterThan(0)
    await webkit.click(() => document.querySelector('#conversations li a') ?? undefined)
    await expect.poll(said).toEqual(all)
    await say('Why?')
    expect(await said()).toHaveLength(8)
    expect(await broken()).toEqual([])
  } finally {
    onCpu.close()
  }
})

const like = (said: string | RegExp) => (typeof said === 'string' ? said : expect.stringMatching(said))

test('in another language the page waits for its texts', async () => {
  await webkit.run(() => localStorage.setItem('rwkv.js settings', JSON.stringify({ language: 'de' })))
  await webkit.open(site.url)
  await expect.poll(() => webkit.run(() => document.documentElement.lang)).toBe('de')
  await expect.poll(text).toMatch(/Einstellungen.*Neue Unterhaltung/s)
  expect(await broken()).toEqual([])
  await webkit.run(() => localStorage.clear())
})
