/** @file JavaScript memory of a page's workers, as the browser's protocol tells it: objects and array buffers. */

import type { Page } from '@playwright/test'

/** Watches all workers of a page from now on. */
export interface MemoryWatch {
  /** Most bytes above the first sample of each worker since the last call, and how many samples were taken. */
  takeMost(): { most: number; samples: number }
  /** Watch no more. */
  stop(): Promise<void>
}

interface HeapUsage {
  readonly usedSize: number
  readonly backingStorageSize?: number
}

const EVERY_MS = 250

/** Sample each worker's memory, after a collection, until it ends. */
export async function watchWorkerMemory(page: Page): Promise<MemoryWatch> {
  const session = await page.context().newCDPSession(page)
  let most = 0
  let samples = 0
  const waiting = new Map<string, (result: unknown) => void>()
  const alive = new Set<string>()
  let nextId = 1

  const ask = (sessionId: string, method: string): Promise<unknown> => {
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(`${sessionId} ${id}`, resolve)
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) }).catch(reject)
    })
  }
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message)
    waiting.get(`${sessionId} ${id}`)?.(result)
    waiting.delete(`${sessionId} ${id}`)
  })
  session.on('Target.detachedFromTarget', ({ sessionId }) => alive.delete(sessionId))
  session.on('Target.attachedToTarget', async ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== 'worker') return
    alive.add(sessionId)
    let first: number | undefined
    while (alive.has(sessionId)) {
      try {
        await ask(sessionId, 'HeapProfiler.collectGarbage')
        const { usedSize, backingStorageSize } = (await ask(sessionId, 'Runtime.getHeapUsage')) as HeapUsage
        if (backingStorageSize === undefined) throw new Error('this browser does not tell the size of array buffers')
        const bytes = usedSize + backingStorageSize
        first ??= bytes
        most = Math.max(most, bytes - first)
        samples++
      } catch {
        return
      }
      await new Promise((settle) => setTimeout(settle, EVERY_MS))
    }
  })
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  return {
    takeMost() {
      const taken = { most, samples }
      most = 0
      samples = 0
      return taken
    },
    async stop() {
      alive.clear()
      await session.detach()
    },
  }
}
