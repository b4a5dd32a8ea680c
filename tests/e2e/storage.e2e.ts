import { expect, type Page, test } from '@playwright/test'
import { ask, limitReplies, list, message, openChat, status, transcript } from './chat-page.ts'
import { keptWords } from './kept.ts'

const notice = (page: Page) => page.getByRole('region', { name: 'Notices' }).getByRole('status')
const wordsOf = (lines: readonly string[]) => lines.map((line) => line.slice(line.indexOf(': ') + 2)).filter(Boolean)

/** Errors of the page that nobody caught. */
function watchErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  return errors
}

for (const [quotaSize, tag] of [
  [200_000, ''],
  [1_000_000, ' @verify'],
  [5_000_000, ' @verify'],
] as const) {
  test(`with room for ${quotaSize} bytes it says so once, and keeps all that was said before${tag}`, async ({
    page,
    baseURL,
  }) => {
    const errors = watchErrors(page)
    const protocol = await page.context().newCDPSession(page)
    const origin = new URL(baseURL ?? '').origin
    await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize })
    await page.goto('./icon.svg')
    await page.evaluate(async (byteLength) => {
      const cache = await caches.open('filler') // most of the room is taken, or it would be a long conversation
      await cache.put('./filler', new Response(new Uint8Array(byteLength)))
    }, quotaSize - 100_000)
    await openChat(page)
    await limitReplies(page, 2)
    const full = notice(page).filter({ hasText: 'There is no room on this device for more.' })
    let asked = 0
    while ((await full.count()) === 0) {
      await ask(page, 'And then?', asked++)
      await expect
        .poll(async () => (await full.count()) + (await keptWords(page)).length / 2)
        .toBeGreaterThanOrEqual(asked)
    }
    const before = (await transcript(page)).slice(0, (asked - 1) * 2)
    await ask(page, 'The end.', asked++)
    await expect(full).toHaveCount(1)
    await full.getByRole('button', { name: 'Download' }).click()
    await expect(page.getByRole('dialog')).toContainText('With its state')
    await page.keyboard.press('Escape')

    await page.reload()
    await expect(status(page)).toContainText('storyteller')
    expect((await transcript(page)).slice(0, before.length)).toEqual(before)
    expect(errors).toEqual([])
  })
}

test('of drafts and settings that the browser does not take it says so once, and knows them while it is open @verify', async ({
  page,
}) => {
  const errors = watchErrors(page)
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await openChat(page)
  await limitReplies(page, 2)
  await ask(page, 'Hello!')
  await message(page).fill('And then')
  const full = notice(page).filter({ hasText: 'There is no room on this device for more.' })
  await expect(full).toHaveCount(1)
  await page.getByRole('button', { name: 'New conversation' }).click()
  await expect(message(page)).toHaveValue('')
  await list(page).getByRole('link').first().click()
  await expect(message(page)).toHaveValue('And then')
  await expect(full).toHaveCount(1)
  expect(errors).toEqual([])
})

test('what is cleared beneath it, database and files, is written anew @verify', async ({ page }) => {
  const errors = watchErrors(page)
  await openChat(page)
  await limitReplies(page, 6)
  await ask(page, 'Hello!')
  const protocol = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  await protocol.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb,file_systems' })
  await ask(page, 'And then?', 1)
  const all = wordsOf(await transcript(page))
  await expect.poll(() => keptWords(page)).toEqual(all)
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
  expect(wordsOf(await transcript(page))).toEqual(all)
  expect(errors).toEqual([])
})

test('it makes way for a newer version in another tab, says so, and waits for an older one to close @verify', async ({
  context,
}) => {
  const other = await context.newPage()
  await other.goto('./icon.svg')
  const hold = (version: number) =>
    other.evaluate(
      (wanted) =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('rwkv.js', wanted)
          opening.onerror = () => reject(opening.error)
          opening.onupgradeneeded = () => {
            if (wanted > 1) return
            opening.result.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
            opening.result.createObjectStore('contents', { keyPath: 'id' })
          }
          opening.onsuccess = () => {
            Object.assign(globalThis, { held: opening.result })
            resolve()
          }
        }),
      version,
    )
  await hold(1) // and does not let go
  const page = await context.newPage()
  const errors = watchErrors(page)
  await openChat(page)
  await limitReplies(page, 6)
  await expect(notice(page)).toContainText('older version of the storage')
  await ask(page, 'Hello!')
  await expect(list(page).getByRole('listitem')).toHaveCount(1)
  await other.evaluate(() => (globalThis as unknown as { held: IDBDatabase }).held.close())
  await expect(notice(page)).toHaveCount(0)
  await expect.poll(() => keptWords(page)).toEqual(wordsOf(await transcript(page)))

  await hold(100) // does not have to wait for the page
  await ask(page, 'And then?', 1)
  await expect(notice(page)).toContainText('Download the conversation')
  expect(await transcript(page)).toHaveLength(4)
  expect(errors).toEqual([])
})
