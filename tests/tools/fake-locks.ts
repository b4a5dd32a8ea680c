/** @file Locks of one page: one holder a name. */

/** As `navigator.locks`, as far as the store uses them. */
export function createLocks(): LockManager {
  const tails = new Map<string, Promise<unknown>>()
  const request = (name: string, { ifAvailable }: LockOptions, take: (lock: object | null) => Promise<unknown>) => {
    const work = () => take({})
    if (ifAvailable && tails.has(name)) return take(null)
    const turn = (tails.get(name) ?? Promise.resolve()).then(work, work).finally(() => tails.delete(name))
    tails.set(name, turn)
    return turn
  }
  return { request } as unknown as LockManager
}
