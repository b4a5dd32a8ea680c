/** @file The chat page as its users see it: by roles and names. */

import { expect, type Locator, type Page } from '@playwright/test'
import type { ReplySummary } from '../../src/index.ts'
import { serverAnswer } from './server-answer.ts'

/** Runs `code` in the page's worker, in front of its own. */
export async function beginWorkerWith(page: Page, code: string): Promise<void> {
  await page.route('**/rwkv.worker*.js', async (route) => {
    const answer = await serverAnswer(route)
    if (answer) await route.fulfill({ ...answer, body: `${code};${answer.body}` })
  })
}

/** For `beginWorkerWith`: what a browser may lack. */
export const NO_WEBGPU = "Reflect.deleteProperty(WorkerNavigator.prototype, 'gpu')"
export const NO_WASM = 'WebAssembly = undefined'

/** For `beginWorkerWith`: the adapter passes for a real GPU, and tests find its `device`. */
export const REAL_GPU = `
  Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false })
  Object.defineProperty(GPUAdapterInfo.prototype, 'architecture', { get: () => 'made-up' })
  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function (...given) {
    globalThis.device = await requestDevice.apply(this, given)
    return globalThis.device
  }`
/** And there is none. */
export const NO_ADAPTER = 'GPU.prototype.requestAdapter = async () => null'

/** Open the demo with `query` and wait until one can write. `device` is what the model runs on: there is no GPU here. */
export async function openChat(page: Page, query = '?greedy', device = 'webgpu'): Promise<void> {
  await recordSummaries(page)
  await page.goto(`./?device=${device}${query.replace('?', '&')}`)
  await expect(status(page)).toContainText('storyteller')
}

export const message = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' })
/** The model in use by its name, and, folded, what it is and runs on. */
export const status = (page: Page): Locator => page.getByRole('group', { name: 'Status' })
export const stopButton = (page: Page): Locator => page.getByRole('button', { name: 'Stop' })
/** The replies; each is an article named after the model. */
export const replies = (page: Page): Locator => page.getByRole('log').getByRole('article', { name: 'storyteller' })

/** The text of the first reply. */
export const replyText = (page: Page): Locator => replies(page).first().locator('.text')

/** The list of conversations, and the entries in it. */
export const list = (page: Page): Locator => page.getByRole('navigation', { name: 'Conversations' })
export const entries = (page: Page): Locator => list(page).getByRole('listitem')

/** What was said, as readers tell it apart: by whom, and the words. */
export function transcript(page: Page): Promise<string[]> {
  const articles = page.getByRole('log').getByRole('article')
  return articles.evaluateAll((all) =>
    all.map((one) => {
      const words = one.querySelector('.text')?.textContent ?? ''
      return `${one.getAttribute('aria-label')}: ${words.replace(/\s+/g, ' ').trim()}`
    }),
  )
}

/** Replies end after `maxTokens`, and not by themselves before `minTokens`, until the page is loaded anew. */
export async function limitReplies(page: Page, maxTokens: number, minTokens = 0): Promise<void> {
  await page.locator('rwkv-chat').evaluate((chat, limits) => void Object.assign(chat, limits), { maxTokens, minTokens })
}

/** Write `text` and send it with the button. */
export async function send(page: Page, text: string): Promise<void> {
  await message(page).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

/** The same, and what its reply, the `place`-th since the page was loaded, cost. */
export async function ask(page: Page, text: string, place = 0): ReturnType<typeof costOf> {
  await send(page, text)
  return costOf(page, place)
}

/** How many ids a message takes that goes on a conversation. */
export function idsOf(page: Page, text: string): Promise<number> {
  return page.locator('rwkv-chat').evaluate(async (chat, message) => {
    const { model } = chat as HTMLElementTagNameMap['rwkv-chat']
    return (await model?.encode(`User: ${message}\n\nAssistant:`))?.length ?? 0
  }, text)
}

/** A button below or beside the `place`-th message. */
export function action(page: Page, place: number, name: string): Locator {
  return page.getByRole('log').locator('> *').nth(place).getByRole('button', { name })
}

/** Say the `place`-th message in other words, in its place. */
export async function edit(page: Page, place: number, words: string): Promise<void> {
  await action(page, place, 'Edit').click()
  const field = page.getByRole('textbox', { name: 'Your message' })
  await field.fill(words)
  await field.press('Enter')
}

/** What the `place`-th reply cost, once it has ended. Counts from 0. */
export async function costOf(page: Page, place = 0): Promise<{ fed: number; tokens: number; finishReason: string }> {
  const costs = () => page.evaluate(() => (globalThis as unknown as Recorded).summaries ?? [])
  await expect.poll(async () => (await costs()).length, { timeout: 60_000 }).toBeGreaterThan(place)
  const { promptTokens, ids, finishReason } = (await costs())[place]
  return { fed: promptTokens, tokens: ids.length, finishReason }
}

/** The summaries of replies, put there by `recordSummaries`. */
interface Recorded {
  summaries: ReplySummary[]
}

/** Every reply of the page to come is recorded, also after it was loaded anew. */
export async function recordSummaries(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const summaries: ReplySummary[] = []
    Object.assign(globalThis, { summaries })
    document.addEventListener('message', (event) => {
      const { summary } = (event as CustomEvent<{ summary?: ReplySummary }>).detail
      if (summary) summaries.push(summary)
    })
  })
}

/** Everything the page logs or throws from now on. */
export function watchConsole(page: Page): string[] {
  const seen: string[] = []
  page.on('console', (entry) => seen.push(`${entry.type()}: ${entry.text()}`))
  page.on('pageerror', (error) => seen.push(`thrown: ${error.message}`))
  return seen
}
