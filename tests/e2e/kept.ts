/** @file What the chat page has kept of the conversation that it shows, looked up in IndexedDB itself. */

import type { Page } from '@playwright/test'
import type { BranchContent } from '../../demo/conversations/store.ts'
import { decodeChat } from '../../src/element/saved-chat.ts'

/** The words that are kept of a conversation with one branch, in order: with its state, and after it. */
export async function keptWords(page: Page): Promise<string[]> {
  const { saved, later } = await page.evaluate(async () => {
    const id = location.hash.slice('#chat/'.length)
    const opening = indexedDB.open('rwkv.js')
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result)
    })
    const get = (name: string) =>
      new Promise<BranchContent | undefined>((resolve) => {
        const reading = database.transaction(name).objectStore(name).get(id)
        reading.onsuccess = () => resolve(reading.result)
      })
    const { saved, later = [] }: Partial<BranchContent> = { ...(await get('contents')), ...(await get('growing')) }
    database.close()
    return { saved: saved && Array.from(saved), later }
  })
  const said = [...(saved ? decodeChat(Uint8Array.from(saved)).messages : []), ...later]
  return said.map(({ text }) => text.replace(/\s+/g, ' ').trim()).filter(Boolean)
}
