/** @file The browser's protocol, spoken with the workers of a page: Playwright itself speaks with pages alone. */

import type { Page } from 'playwright'

/** The workers of a page, from when they were watched on. */
export interface Workers {
  /** Those alive, by the sessions of the protocol. */
  readonly sessions: ReadonlySet<string>
  /** JavaScript's bytes in a worker after a collection: objects and array buffers. @throws Error if it has ended */
  heapByteLength(session: string): Promise<number>
  /** Watch no more. */
  stop(): Promise<void>
}

interface HeapUsage {
  readonly usedSize: number
  readonly backingStorageSize?: number
}

/** Watch all workers of a page from now on. @param onWorker hears of each */
export async function watchWorkers(page: Page, onWorker: (session: string) => void = () => {}): Promise<Workers> {
  const protocol = await page.context().newCDPSession(page)
  const sessions = new Set<string>()
  const waiting = new Map<string, (result: unknown) => void>()
  let nextId = 1

  const ask = (sessionId: string, method: string): Promise<unknown> => {
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(`${sessionId} ${id}`, resolve)
      protocol.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) }).catch(reject)
    })
  }
  protocol.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message)
    waiting.get(`${sessionId} ${id}`)?.(result)
    waiting.delete(`${sessionId} ${id}`)
  })
  protocol.on('Target.detachedFromTarget', ({ sessionId }) => sessions.delete(sessionId))
  protocol.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== 'worker') return
    sessions.add(sessionId)
    onWorker(sessionId)
  })
  await protocol.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })

  return {
    sessions,
    async heapByteLength(session) {
      await ask(session, 'HeapProfiler.collectGarbage')
      const { usedSize, backingStorageSize } = (await ask(session, 'Runtime.getHeapUsage')) as HeapUsage
      if (backingStorageSize === undefined) throw new Error('this browser does not tell the size of array buffers')
      return usedSize + backingStorageSize
    },
    async stop() {
      sessions.clear()
      await protocol.detach()
    },
  }
}
