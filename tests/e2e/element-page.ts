/**
 * @file Pages with `<rwkv-chat>` as the tests want them: the built page of examples, emptied, with elements of the test's
 * own. Everything is found by role and name.
 */

import { expect, type Locator, type Page } from '@playwright/test'
import { serverAnswer } from './server-answer.ts'

export const MODEL = './models/storyteller/'

/** Attributes of a short reply without chance. */
export const brief = { src: MODEL, temperature: '0', 'max-tokens': '8' }

/** The element's public face, as scripts of a page see it. */
export type Chat = HTMLElementTagNameMap['rwkv-chat']

/** The page of examples without its examples: the element is defined, the policy holds. */
export async function openEmpty(page: Page): Promise<void> {
  await page.route('**/embed.html?empty', async (route) => {
    const answer = await serverAnswer(route)
    if (!answer) return
    const body = answer.body.toString().replace(/<main>.*<\/main>/s, '<main></main>')
    await route.fulfill({ ...answer, body })
  })
  await page.goto('./embed.html?empty')
  await page.evaluate(() => customElements.whenDefined('rwkv-chat').then(() => {}))
}

/** Add an element to the page's main part; on WebGPU, which is software here, unless its attributes say more. */
export async function addChat(page: Page, attributes: Readonly<Record<string, string>>): Promise<Locator> {
  const id = await page.evaluate(
    (given) => {
      const chat = document.createElement('rwkv-chat')
      chat.id = `chat-${document.querySelectorAll('rwkv-chat').length + 1}`
      for (const [name, value] of Object.entries(given)) chat.setAttribute(name, value)
      document.querySelector('main')?.append(chat)
      return chat.id
    },
    { device: 'webgpu', ...attributes },
  )
  return page.locator(`#${id}`)
}

/** An empty page with one element, by default ready to write in. */
export async function openChat(
  page: Page,
  attributes: Readonly<Record<string, string>> = brief,
  state = 'ready',
): Promise<Locator> {
  await openEmpty(page)
  const chat = await addChat(page, attributes)
  await untilState(chat, state)
  return chat
}

export const untilState = (chat: Locator, state: string) => expect(chat).toHaveJSProperty('state', state)
export const message = (chat: Locator): Locator => chat.getByRole('textbox', { name: 'Message' })
export const sendButton = (chat: Locator): Locator => chat.getByRole('button', { name: 'Send' })
export const stopButton = (chat: Locator): Locator => chat.getByRole('button', { name: 'Stop' })
export const loadButton = (chat: Locator): Locator => chat.getByRole('button', { name: /^Load the model/ })
export const replies = (chat: Locator): Locator => chat.getByRole('log').getByRole('article', { name: 'storyteller' })
export const mine = (chat: Locator): Locator => chat.getByRole('log').getByRole('article', { name: 'You' })

/** Send by script; the reply's text. */
export function say(chat: Locator, text: string): Promise<string> {
  return chat.evaluate(async (element, said) => (await (element as Chat).send(said))?.text ?? '', text)
}

/** Whatever the page logs, throws or is refused by its policy, from now on. */
export async function watch(page: Page): Promise<string[]> {
  const seen: string[] = []
  page.on('console', (entry) => seen.push(`${entry.type()}: ${entry.text()}`))
  page.on('pageerror', (error) => seen.push(`thrown: ${error.message}`))
  return seen
}

/** Addresses of the weights that are asked for, with the method. */
export function watchWeights(page: Page): string[] {
  const seen: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/model.safetensors')) seen.push(request.method())
  })
  return seen
}

/** Let the server say that the weights have `byteLength` bytes, when asked for their size. */
export async function pretendSize(page: Page, byteLength: number): Promise<void> {
  await page.route('**/model.safetensors', async (route) => {
    if (route.request().method() !== 'HEAD') return route.fallback()
    await route.fulfill({ status: 200, headers: { 'content-length': String(byteLength) } })
  })
}
