/**
 * @file Takes the pictures of the README from real runs of the built demo: `npm run build && npm run screenshots`. Replies
 * are made without chance, so only the times in them differ from run to run.
 */

import { mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { preview } from 'vite'
import { browserFlags } from './browser.ts'
import { ensureBrowser } from './ensure-browser.mjs'

const MOST_BYTES = 150_000
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = `${root}tests/screenshots/`
const wide = { width: 1000, height: 720 }
const phone = { width: 360, height: 640 }

/** For run-ts.mjs. */
export async function main() {
  mkdirSync(folder, { recursive: true })
  const server = await preview({
    configFile: `${root}vite.config.ts`,
    logLevel: 'error',
    preview: { port: 0, strictPort: false },
  })
  const url = server.resolvedUrls.local[0]
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args: [...browserFlags] })
  try {
    // One reader on two devices: what was said is asked again on each.
    await onDevice(browser, { viewport: wide }, async (page) => {
      await page.goto(`${url}?greedy`)
      await ready(page)
      await ask(page, 'What is the capital of France?')
      await page.getByRole('button', { name: 'New conversation' }).click()
      await ask(page, 'Hello! Who are you?')
      await page.getByRole('button', { name: 'New conversation' }).click()
      await ask(page, 'Tell me a story about a cat.')
      await take(page, 'chat-light')
      await page.emulateMedia({ colorScheme: 'dark' })
      await take(page, 'chat-dark')
    })
    await onDevice(browser, { viewport: wide }, async (page) => {
      await page.goto(`${url}?greedy`)
      await ready(page)
      await ask(page, 'Tell me a story about a cat.')
      await ask(page, 'And then?')
      for (const [title, prepare] of Object.entries(views)) {
        const name = title === 'Form' ? 'structured' : title.toLowerCase()
        await page.goto(new URL(`#${name}`, page.url()).href)
        await prepare(page.getByRole('main', { name: title }))
        await take(page, `view-${title.toLowerCase()}`)
      }
    })
    await onDevice(browser, { viewport: phone, isMobile: true, hasTouch: true }, async (page) => {
      await page.goto(`${url}?greedy`)
      await ready(page)
      await ask(page, 'Tell me a story about a cat.')
      await take(page, 'chat-phone')
    })
    await onDevice(browser, { viewport: wide }, async (page) => {
      await page.goto(`${url}embed.html`)
      const chats = page.locator('rwkv-chat')
      await chats.evaluateAll((all) => {
        for (const chat of all) chat.temperature = 0
      })
      await ask(page.locator('#minimal'), 'What is the capital of France?')
      await page.locator('#styled').scrollIntoViewIfNeeded()
      await page.getByRole('button', { name: 'A brave little boat' }).click()
      await ended(page.locator('#styled'))
      await page.evaluate(() => scrollTo(0, 16))
      await take(page, 'embed')
    })
  } finally {
    await browser.close()
    await server.close()
  }
  return 0
}

/** The views by title, and what makes them worth a picture. */
const views = {
  async Compare(view) {
    await view.getByRole('textbox', { name: 'Question' }).fill('What did the cat do next?')
    await view.getByRole('combobox', { name: 'Answers' }).selectOption('2')
    await view.getByRole('button', { name: 'Ask' }).click()
    await view.getByRole('button', { name: 'Keep this one' }).nth(1).waitFor()
  },
  async Form(view) {
    await view.getByRole('button', { name: 'Fill in' }).click()
    await view.getByText(/^Filled in, with/).waitFor()
  },
  async Settings(view) {
    await view.getByRole('heading', { name: 'Sampling' }).waitFor()
  },
  async State(view) {
    await view.getByRole('columnheader', { name: 'You: And then?' }).waitFor()
    await scrollTo(view, 'Layers and channels')
    await view.locator('canvas.heat[aria-label]').waitFor()
  },
  async Models(view) {
    await view.getByText(/^On this device,/).waitFor()
  },
  async Lab(view) {
    await view.getByRole('button', { name: 'Write' }).click()
    await view.getByText('bytes of GPU memory grown').waitFor({ timeout: 120_000 })
    await view.getByRole('button', { name: 'Evaluate' }).click()
    await view.getByText('nats a byte').waitFor({ timeout: 120_000 })
  },
  async Bench(view) {
    await view.getByRole('combobox').selectOption('1000')
    await view.getByRole('button', { name: 'Measure' }).click()
    await view.getByRole('button', { name: 'Copy result' }).waitFor({ timeout: 300_000 })
    await scrollTo(view, 'Result')
  },
  async About(view) {
    await view.getByText('Fingerprint', { exact: true }).waitFor()
  },
}

/** Bring the card of this title to the top. */
async function scrollTo(view, title) {
  await view.getByRole('heading', { name: title }).evaluate((heading) => {
    const scroller = heading.closest('.view')
    scroller.scrollTop += heading.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 30
  })
}

/** A browser of its own, with nothing kept in it. */
async function onDevice(browser, options, run) {
  const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce', ...options })
  await run(await context.newPage())
  await context.close()
}

/** The model is there, and all that another visit needs. */
async function ready(page) {
  await page.getByText('Ready for offline').waitFor({ state: 'attached' })
}

async function ask(place, message) {
  await place.getByRole('textbox', { name: 'Message' }).fill(message)
  await place.getByRole('button', { name: 'Send' }).click()
  await ended(place)
}

/** The last reply says what it took. */
async function ended(place) {
  await place.getByRole('log').getByRole('article').last().getByText('tokens/s').waitFor({ timeout: 120_000 })
}

async function take(page, name) {
  await page.evaluate(() => document.activeElement?.blur())
  await page.mouse.move(0, 0)
  const path = `${folder}${name}.png`
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  const { size } = statSync(path)
  console.log(`${name}.png: ${size} bytes`)
  if (size > MOST_BYTES) throw new Error(`${name}.png is larger than ${MOST_BYTES} bytes.`)
}
