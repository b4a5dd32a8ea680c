import { expect, type Page, test } from '@playwright/test'
import { decodeChat } from '../../src/element/saved-chat.ts'
import { ask, edit, idsOf, limitReplies, list, openChat, status, transcript } from './chat-page.ts'

/** Names of the states that are kept, and those that branches need. */
async function kept(page: Page): Promise<{ readonly states: string[]; readonly needed: string[] }> {
  return page.evaluate(async () => {
    const opening = indexedDB.open('rwkv.js')
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result)
    })
    const all = <T>(name: string) =>
      new Promise<T[]>((resolve) => {
        const reading = database.transaction(name).objectStore(name).getAll()
        reading.onsuccess = () => resolve(reading.result)
      })
    const [states, needs] = [await all<{ name: string }>('states'), await all<{ names: string[] }>('needs')]
    database.close()
    const needed = new Set(needs.flatMap(({ names }) => names))
    return { states: states.map(({ name }) => name).sort(), needed: [...needed].sort() }
  })
}

test('a reply writes two states, branches share them, none stays that nobody needs, and a reload feeds nothing @verify', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 4)
  const counts: number[] = []
  for (const [place, text] of ['Hello!', 'And then?', 'Why?'].entries()) {
    await ask(page, text, place)
    await expect.poll(async () => (await kept(page)).needed.length).toBe(2 * (place + 1))
    const { states, needed } = await kept(page)
    expect(states).toEqual(needed)
    counts.push(states.length)
  }
  expect(counts).toEqual([2, 4, 6])

  await edit(page, 2, 'And now?')
  await expect.poll(async () => (await kept(page)).needed.length).toBe(8)
  expect((await kept(page)).states).toHaveLength(8)

  const next = await idsOf(page, 'And then?')
  await page.reload()
  await expect(status(page)).toContainText('storyteller')
  await limitReplies(page, 4)
  expect((await ask(page, 'And then?')).fed).toBe(next)

  await list(page)
    .getByRole('button', { name: /^Delete/ })
    .click()
  await expect.poll(() => kept(page)).toEqual({ states: [], needed: [] })
})

/** A conversation as it was saved before sessions had notes: what is shown lies in front of the session. */
function oldFile(saved: number[]): number[] {
  const { session, ...shown } = decodeChat(Uint8Array.from(saved))
  const json = Buffer.from(JSON.stringify({ version: 1, ...shown }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return [...Buffer.from('RWKVCHAT'), ...length, ...json, ...session]
}

test('what version 2 of the storage held goes on: a conversation with its state, a reply that grew, words to search @verify', async ({
  page,
}) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  const said = await transcript(page)
  const next = await idsOf(page, 'And then?')
  const saved = await page
    .locator('rwkv-chat')
    .evaluate(async (chat) => Array.from(await (chat as HTMLElementTagNameMap['rwkv-chat']).save()))
  const model = new URL('./models/storyteller/', page.url()).href

  await page.goto('./icon.svg')
  await page.evaluate(
    async ({ saved, model }) => {
      const done = (asked: IDBRequest) =>
        new Promise<void>((resolve, reject) => {
          asked.onsuccess = () => resolve()
          asked.onerror = () => reject(asked.error)
        })
      await done(indexedDB.deleteDatabase('rwkv.js'))
      const opening = indexedDB.open('rwkv.js', 2)
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore('entries', { keyPath: 'id' }).createIndex('changedAt', 'changedAt')
        for (const name of ['contents', 'growing', 'texts']) opening.result.createObjectStore(name, { keyPath: 'id' })
      }
      await done(opening)
      const database = opening.result
      const put = (name: string, value: object) =>
        done(database.transaction(name, 'readwrite').objectStore(name).put(value))
      await put('entries', { id: 'old', title: 'Old one', changedAt: 2, model })
      await put('contents', { id: 'old', saved: Uint8Array.from(saved), later: [], stamp: 'a' })
      await put('texts', { id: 'old', conversation: 'old', text: 'Hello! And a word: heron.' })
      await put('entries', { id: 'cut', title: 'Cut off', changedAt: 1, model })
      await put('contents', { id: 'cut', later: [{ role: 'user', text: 'Who?' }], stamp: 'b' })
      const later = [
        { role: 'user', text: 'Who?' },
        { role: 'assistant', text: ' The gr' },
      ]
      await put('growing', { id: 'cut', later, stamp: 'c' })
      database.close()
    },
    { saved: oldFile(saved), model },
  )

  await page.goto('./?greedy#chat/old')
  await expect(status(page)).toContainText('storyteller')
  await limitReplies(page, 4)
  expect(await transcript(page)).toEqual(said)
  const search = page.getByRole('searchbox', { name: 'Search conversations' })
  await search.fill('heron')
  await expect(list(page).getByRole('link')).toHaveText([/Old one/])
  await search.fill('')
  expect((await ask(page, 'And then?')).fed).toBe(next)
  await expect.poll(async () => (await kept(page)).needed.length).toBe(4)
  expect((await kept(page)).states).toHaveLength(4)
  await list(page).getByRole('link', { name: 'Cut off' }).click()
  await expect.poll(() => transcript(page)).toEqual(['You: Who?', 'storyteller: The gr'])
})
