import { type Browser, chromium, expect, type Page, test, type Worker } from '@playwright/test'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { tinyFetch, tinyModel, tinyModel7 } from '../tools/tiny-files.ts'
import { limitReplies, openChat } from './chat-page.ts'
import { addChat, type Chat, openEmpty, untilState } from './element-page.ts'

/** What the worker is told by these tests. */
interface Told {
  /** Commands of the device that is in use until it is to go; below 1 it stays. */
  left: number
  /** Resolves when it is to go. */
  reached: Promise<void>
}

/** Let tests hear when a device has recorded so many commands; nothing is read from it then, until it has gone. */
const listen = (worker: Worker) =>
  worker.evaluate(() => {
    const told = globalThis as unknown as Told & { reach: () => void }
    let held: Promise<unknown> = Promise.resolve()
    told.left = 0
    const { createCommandEncoder } = GPUDevice.prototype
    GPUDevice.prototype.createCommandEncoder = function (this: GPUDevice, ...given) {
      if (--told.left === 0) {
        held = this.lost
        told.reach()
      }
      return createCommandEncoder.apply(this, given)
    }
    const { mapAsync } = GPUBuffer.prototype
    GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...given) {
      await held
      return mapAsync.apply(this, given)
    }
  })

/** Ask, and kill the GPU process when `place` commands have been recorded since; the reply. */
async function askWithLoss(browser: Browser, page: Page, { question, place }: { question: string; place: number }) {
  const worker = page.workers()[0] as Worker
  const reached = worker.evaluate((place) => {
    const told = globalThis as unknown as Told & { reach: () => void }
    told.left = place
    return new Promise<void>((resolve) => {
      told.reach = resolve
    })
  }, place)
  const reply = ask(page, question)
  await reached
  await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess')
  return reply
}

/** The words of a reply, and what stands in the quiet line while it is made. */
const ask = (page: Page, question: string) =>
  page.locator('rwkv-chat').evaluate(async (chat, question) => {
    const hints = new Set<string>()
    const hint = chat.shadowRoot?.querySelector('[part=hint]') as HTMLElement
    const observer = new MutationObserver(() => hints.add(hint.textContent ?? ''))
    observer.observe(hint, { childList: true, characterData: true, subtree: true })
    const { ids = [] } = (await (chat as Chat).send(question)) ?? {}
    observer.disconnect()
    return { ids, hints: [...hints].filter((text) => text.trim() !== '') }
  }, question)

const QUESTIONS = [
  'Tell me a story about a cat.',
  'What did the dog say?',
  'And then?',
  'Who came next?',
  'Tell me more.',
  'Why?',
  'What sound does a cow make?',
  'Hello!',
  'Where was the boat?',
  'Good night.',
] as const

/** A page whose GPU process may be killed as often as one likes. */
async function withPage<T>(
  baseURL: string | undefined,
  work: (page: Page, browser: Browser) => Promise<T>,
): Promise<T> {
  const args = [...browserFlags, '--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis']
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args })
  try {
    return await work(await browser.newPage({ ...(baseURL && { baseURL }) }), browser)
  } finally {
    await browser.close()
  }
}

/** A conversation whose reply to question i loses its GPU at places[i]; below 1 it does not. */
async function converse(browser: Browser, page: Page, places: readonly number[]) {
  const replies = []
  for (const [i, place] of places.entries()) {
    const question = QUESTIONS[i] as string
    replies.push(await (place > 0 ? askWithLoss(browser, page, { question, place }) : ask(page, question)))
    await expect(page.getByRole('alert')).toHaveCount(0)
  }
  return replies
}

const idsOf = (replies: Awaited<ReturnType<typeof converse>>) => replies.map(({ ids }) => ids)

test('a reply whose GPU process is killed goes on with the same ids, and a quiet line says so meanwhile', async ({
  baseURL,
}) => {
  const outcome = (place: number) =>
    withPage(baseURL, async (page, browser) => {
      await openChat(page)
      await listen(page.workers()[0] as Worker)
      await limitReplies(page, 20, 20)
      return converse(browser, page, [place])
    })
  const undisturbed = await outcome(0)
  const [reply] = await outcome(8)
  expect(reply?.ids).toHaveLength(20)
  expect(reply?.ids).toEqual(undisturbed[0]?.ids)
  expect(reply?.hints).toEqual(['The GPU stopped. The model is brought back, and goes on where it was.'])
})

for (const [name, address] of [
  ['RWKV-4', tinyModel],
  ['RWKV-7', tinyModel7],
] as const) {
  test(`${name}: ten replies of a conversation, each of which loses its GPU at another of 64 places, say the same as ever @verify`, ({
    baseURL,
  }) => {
    test.setTimeout(1_800_000)
    return withPage(baseURL, async (page, browser) => {
      await page.route('**/tiny/*', async (route) => {
        const file = new URL(route.request().url()).pathname.split('/').at(-1) as string
        const answer = await tinyFetch(new URL(file, address).href)
        await route.fulfill({ status: answer.status, body: Buffer.from(await answer.arrayBuffer()) })
      })
      await openEmpty(page)
      const chat = await addChat(page, { src: './tiny/', temperature: '0', 'max-tokens': '66', 'min-tokens': '66' })
      await untilState(chat, 'ready')
      await listen(page.workers()[0] as Worker)
      const none = QUESTIONS.map(() => 0)
      const undisturbed = idsOf(await converse(browser, page, none))
      expect(undisturbed.map(({ length }) => length)).toEqual(QUESTIONS.map(() => 66))
      let kills = 0
      for (let from = 1; from <= 64; from += 10) {
        await chat.evaluate((element) => (element as Chat).clear())
        const places = QUESTIONS.map((_, i) => Math.min(from + i, 64))
        expect(idsOf(await converse(browser, page, places)), `places ${places}`).toEqual(undisturbed)
        kills += places.length
      }
      console.log(`${name}: the GPU process was killed ${kills} times`)
    })
  })
}
