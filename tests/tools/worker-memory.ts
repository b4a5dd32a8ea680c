/** @file JavaScript memory of a page's workers over time, as the browser's protocol tells it. */

import type { Page } from '@playwright/test'
import { watchWorkers } from './worker-protocol.ts'

/** Watches all workers of a page from now on. */
export interface MemoryWatch {
  /** Most bytes above the first sample of each worker since the last call, and how many samples were taken. */
  takeMost(): { most: number; samples: number }
  /** Watch no more. */
  stop(): Promise<void>
}

const EVERY_MS = 250

/** Sample each worker's memory, after a collection, until it ends. */
export async function watchWorkerMemory(page: Page): Promise<MemoryWatch> {
  let most = 0
  let samples = 0
  const workers = await watchWorkers(page, async (session) => {
    let first: number | undefined
    while (workers.sessions.has(session)) {
      try {
        const ask = () => workers.heapByteLength(session)
        const bytes = Math.min(await ask(), await ask()) // what is let go of between a collection and its answer is not held
        first ??= bytes
        most = Math.max(most, bytes - first)
        samples++
      } catch {
        return
      }
      await new Promise((settle) => setTimeout(settle, EVERY_MS))
    }
  })
  return {
    takeMost() {
      const taken = { most, samples }
      most = 0
      samples = 0
      return taken
    },
    stop: workers.stop,
  }
}
