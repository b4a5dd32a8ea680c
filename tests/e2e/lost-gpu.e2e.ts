import { type Browser, chromium, expect, type Page, test, type Worker } from '@playwright/test'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { idsOf, limitReplies, openChat, replies, send, status, transcript } from './chat-page.ts'
import type { Chat } from './element-page.ts'
import { keptWords } from './kept.ts'

const STORY = 'Tell me a story about a cat.'
const QUESTION = 'What did the dog say?'

/** What the worker is told by these tests; `device` is the one that it uses. */
interface Told {
  device: GPUDevice
  /** Commands are recorded, and states read, with a call before each. */
  onCommand: () => void
  onReading: () => Promise<void>
  /** Nothing is read before this. */
  held: Promise<unknown>
  /** No adapter is given. */
  isRefused: boolean
}

/** Let tests hear of the worker's device. */
const listen = (worker: Worker) =>
  worker.evaluate(() => {
    const told = globalThis as unknown as Told
    told.onCommand = () => {}
    told.onReading = async () => {}
    told.held = Promise.resolve()
    told.isRefused = false
    const { requestAdapter } = GPU.prototype
    GPU.prototype.requestAdapter = async function (this: GPU, ...given) {
      if (told.isRefused) throw new Error('Not again.')
      return requestAdapter.apply(this, given)
    }
    const { createCommandEncoder } = GPUDevice.prototype
    GPUDevice.prototype.createCommandEncoder = function (this: GPUDevice, ...given) {
      told.device = this
      told.onCommand()
      return createCommandEncoder.apply(this, given)
    }
    const { mapAsync } = GPUBuffer.prototype
    GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...given) {
      await told.held
      if (this.size > 20_000) await told.onReading() // a state
      return mapAsync.apply(this, given)
    }
  })

/** How a device goes, at once. */
type Way = 'destroy' | 'crash'

/** Where a conversation is when it goes; a number is one of commands since the message was sent. */
type Place = 'idle' | 'save' | number

/**
 * Lose the GPU in the `place` of an exchange that begins now, where another is refused. Resolves when it is lost, and the
 * page says so.
 */
async function lose(browser: Browser, page: Page, { way, place }: { way: Way; place: Place }): Promise<void> {
  const worker = page.workers()[0] as Worker
  const reached = worker.evaluate(
    ({ way, place }) =>
      new Promise<void>((resolve) => {
        const told = globalThis as unknown as Told
        told.isRefused = true
        const end = () => {
          if (way === 'destroy') told.device.destroy()
          else if (place !== 'idle') told.held = told.device.lost // or the reply might end before the crash comes
          resolve()
        }
        let commands = 0
        if (place === 'idle') end()
        else if (place === 'save')
          told.onReading = () => {
            end()
            return told.device.lost.then(() => {})
          }
        else
          told.onCommand = () => {
            if (++commands === place) end()
          }
      }),
    { way, place },
  )
  if (place !== 'idle') await send(page, STORY)
  await reached
  if (way === 'crash') await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess')
  if (place === 'idle') await send(page, STORY)
  await expect(page.getByRole('alert')).toContainText('The GPU stopped')
}

/** What is kept is what is shown. */
async function expectKept(page: Page): Promise<string[]> {
  const said = (await transcript(page)).filter((line) => !line.endsWith(': '))
  const words = said.map((line) => line.slice(line.indexOf(': ') + 2))
  await expect.poll(() => keptWords(page)).toEqual(words)
  return words
}

/** The session has read all that is shown, and what is kept knows no less. */
async function expectAllKnown(page: Page): Promise<void> {
  const words = await expectKept(page)
  const read = await page.locator('rwkv-chat').evaluate(async (chat) => {
    const messages = (await (chat as Chat).session?.transcript()) ?? []
    return messages.map(({ text }) => text.replace(/\s+/g, ' ').trim()).filter(Boolean)
  })
  expect(read).toEqual(words)
}

const cases: readonly { way: Way; place: Place; back: 'Try again' | 'reload'; tag: string }[] = [
  { way: 'destroy', place: 'save', back: 'reload', tag: ' @verify' },
  { way: 'crash', place: 12, back: 'Try again', tag: '' },
  { way: 'destroy', place: 'idle', back: 'Try again', tag: ' @verify' },
  { way: 'destroy', place: 1, back: 'Try again', tag: ' @verify' },
  { way: 'destroy', place: 2, back: 'reload', tag: ' @verify' },
  { way: 'destroy', place: 8, back: 'Try again', tag: ' @verify' },
  { way: 'destroy', place: 20, back: 'reload', tag: ' @verify' },
  { way: 'destroy', place: 'save', back: 'Try again', tag: ' @verify' },
  { way: 'crash', place: 'idle', back: 'reload', tag: ' @verify' },
  { way: 'crash', place: 1, back: 'Try again', tag: ' @verify' },
  { way: 'crash', place: 10, back: 'reload', tag: ' @verify' },
  { way: 'crash', place: 'save', back: 'Try again', tag: ' @verify' },
  { way: 'crash', place: 'save', back: 'reload', tag: ' @verify' },
]

for (const { way, place, back, tag } of cases) {
  test(`a GPU lost for good by ${way} at ${place} is made up for by ${back}: all is known${tag}`, async ({
    baseURL,
  }) => {
    const args = [...browserFlags, '--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis']
    const browser = await chromium.launch({ executablePath: ensureBrowser(), args })
    const page = await browser.newPage({ ...(baseURL && { baseURL }) })
    await openChat(page)
    await listen(page.workers()[0] as Worker)
    await limitReplies(page, 30)
    await send(page, 'Hello!')
    await expect(replies(page)).toContainText('tokens/s')
    await expectAllKnown(page)
    await lose(browser, page, { way, place })
    const shown = await transcript(page)
    expect((await expectKept(page)).length).toBeGreaterThanOrEqual(3) // or a reload would come before it is written

    if (back === 'reload') await page.reload()
    else await page.getByRole('button', { name: 'Try again' }).click()
    await expect(status(page)).toContainText('storyteller')
    await expect(page.getByRole('alert')).toHaveCount(0)
    const after = await transcript(page)
    expect(after.filter((line) => !line.endsWith(': '))).toEqual(shown.filter((line) => !line.endsWith(': ')))

    await limitReplies(page, 6)
    const known = await Promise.all(after.map((line) => idsOf(page, line)))
    const reply = page.locator('rwkv-chat').evaluate(async (chat, said) => {
      const { contextTokens } = (await (chat as Chat).send(said)) ?? { contextTokens: 0 }
      return contextTokens
    }, QUESTION)
    expect(await reply).toBeGreaterThan(known.reduce((sum, ids) => sum + ids, 0) / 2)
    await expectAllKnown(page)
    await browser.close()
  })
}
