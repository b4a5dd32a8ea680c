import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { startHubServer } from '../tools/hub-server.mjs'
import { cacheBytesPerToken, tinyTransformer, tinyTransformerFiles } from '../tools/tiny-transformer.ts'
import { openChat, watchConsole } from './chat-page.ts'
import { serverAnswer } from './server-answer.ts'
import { expectSound, openView } from './view-page.ts'

const HUB = 'https://huggingface.co'
const MODEL = 'someone/tiny-transformer'
const PROMPT = 'Tell me a long story.'.length // a token a byte, since none of the vocabulary's merges is in it

/** A Hub with the tiny transformer; every request that is not the page's own is heard. Weights may be held back. */
async function serveTransformer(context: BrowserContext) {
  const hub = await startHubServer({ repository: MODEL, files: tinyTransformerFiles() })
  const heard: string[] = []
  let isHeld = false
  const held: (() => void)[] = []
  context.on('request', (request) => heard.push(request.url()))
  await context.route(`${HUB}/**`, async (route) => {
    const url = route.request().url()
    if (isHeld && url.endsWith('.onnx') && !route.request().headers().range)
      return void held.push(() => void route.abort())
    const answer = await serverAnswer(route, url.replace(HUB, hub.url))
    if (answer) await route.fulfill(answer)
  })
  return {
    heard,
    hold(hold: boolean) {
      isHeld = hold
      for (const release of held.splice(0)) release()
    },
    close: () => hub.close(),
  }
}

/** The Lab, with the part of the transformer open and filled in. */
async function openPart(page: Page, model = MODEL): Promise<{ lab: Locator; run: Locator }> {
  const lab = await openView(page, 'Lab')
  await lab.getByText('Compare with a transformer').click()
  await lab.getByRole('textbox', { name: 'Model on the Hub' }).fill(model)
  await lab.getByRole('combobox', { name: 'Weights' }).selectOption('fp32')
  return { lab, run: lab.getByRole('button', { name: 'Load and write' }) }
}

/** What is said there from now on, to be asked for later: some of it stays for less than a moment. */
async function recordWords(place: Locator): Promise<() => Promise<string[]>> {
  const words = await place.evaluateHandle((element) => {
    const said: string[] = []
    new MutationObserver(() => said.push(element.textContent ?? '')).observe(element, { childList: true })
    return said
  })
  return () => words.jsonValue()
}

test('a transformer is fetched when asked for, and each of its tokens is timed and its cache counted @verify', async ({
  page,
  context,
  baseURL,
}) => {
  const hub = await serveTransformer(context)
  try {
    const seen = watchConsole(page)
    await openChat(page)
    const { lab, run } = await openPart(page)
    await expect(lab.getByRole('combobox', { name: 'Runs on' })).toHaveValue('wasm') // the adapter is a software one
    await page.waitForLoadState('networkidle')
    expect(hub.heard.filter((url) => /huggingface|transformer\.worker|\.wasm/.test(url))).toEqual([])

    await lab.getByRole('button', { name: 'Write', exact: true }).click()
    await expect(lab.getByText('bytes of memory grown')).toBeVisible()
    hub.heard.length = 0
    const said = await recordWords(lab.locator('.work p').nth(1))
    await run.click()
    const { context: room } = tinyTransformer
    const written = room - PROMPT
    await expect(lab.getByText(`${MODEL}, fp32, WASM, one thread: ${written} tokens after a prompt of`)).toContainText(
      `It can hold ${room} and no more, so it ended there.`,
    )

    const words = await said()
    expect(words).toContainEqual(expect.stringMatching(/^\d+\.\d KB of \d+\.\d KB fetched$/))
    expect(words).toContainEqual(expect.stringMatching(`^\\d+ of ${written} tokens · [\\d.]+ ms a token$`))

    await lab.getByText('In numbers').first().click()
    const head = await lab.getByRole('columnheader').allInnerTexts()
    expect(head.slice(-2)).toEqual(['ms a token, transformer', 'KV cache of the transformer, counted'])
    const rows = await lab
      .getByRole('row')
      .evaluateAll((all) => all.slice(1).map((row) => Array.from(row.children, (cell) => cell.textContent ?? '')))
    const both = rows.filter(([tokens]) => Number(tokens) < written)
    expect(both.length).toBeGreaterThan(5)
    for (const [tokens, ours, , , theirs, bytes = ''] of both) {
      expect(Number(ours)).toBeGreaterThan(0)
      expect(Number(theirs)).toBeGreaterThan(0)
      // The last token written has not been read.
      const kept = (PROMPT + Number(tokens) - 1) * cacheBytesPerToken
      expect(bytes).toBe(`${(kept / 1000).toFixed(1)} KB`)
    }
    expect(rows.at(-1)?.slice(-2)).toEqual(['–', '–']) // ours went on

    const hosts = new Set(hub.heard.map((url) => new URL(url).origin))
    expect([...hosts].sort()).toEqual([new URL(baseURL ?? '').origin, HUB].sort())
    expect(hub.heard.filter((url) => url.endsWith('.wasm'))).toHaveLength(1)
    await expectSound(page)
    expect(seen).toEqual([])

    await lab.getByRole('button', { name: 'Delete its files from this browser' }).click()
    await expect(lab.getByRole('button', { name: 'Delete its files from this browser' })).toBeHidden()
  } finally {
    await hub.close()
  }
})

test('its run can be cancelled, tells how far it is, and says why a model cannot be had @verify', async ({
  page,
  context,
}) => {
  const hub = await serveTransformer(context)
  try {
    await openChat(page)
    const { lab, run } = await openPart(page)
    hub.hold(true)
    await run.click()
    await expect(lab.getByText('asking for the files')).toBeVisible()
    await expect(lab.getByRole('progressbar', { name: 'Load and write' })).toBeVisible()
    await expect(lab.getByRole('button', { name: 'Write', exact: true })).toBeDisabled()
    await lab.getByRole('button', { name: 'Cancel' }).click()
    await expect(run).toBeEnabled()
    await expect.poll(() => page.workers().filter((worker) => worker.url().includes('transformer'))).toEqual([])
    await expect(lab.getByRole('alert')).toHaveCount(0)

    hub.hold(false)
    await lab.getByRole('textbox', { name: 'Model on the Hub' }).fill('someone/nothing')
    await run.click()
    await expect(lab.getByRole('alert')).toContainText('someone/nothing could not be run.')
    await lab.getByRole('textbox', { name: 'Model on the Hub' }).fill(MODEL)
    await run.click()
    await expect(lab.getByText(`${MODEL}, fp32`)).toBeVisible()
    await expect(lab.getByRole('alert')).toHaveCount(0)
  } finally {
    await hub.close()
  }
})
