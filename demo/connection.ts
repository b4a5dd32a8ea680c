/** @file A connection to a database of this browser that comes back after it went, and makes way for other tabs. */

import type { DBSchema, IDBPDatabase, OpenDBCallbacks } from 'idb'

/** What a connection must hear of its database. */
export type Handlers<Schema extends DBSchema> = Pick<OpenDBCallbacks<Schema>, 'blocked' | 'blocking' | 'terminated'>

/**
 * The database, opened by `open` when it is first asked for and again after it went; it closes for another tab that opens a
 * newer version.
 * @throws DOMException `BlockedError` while another tab holds an older version; what `open` throws where storage is refused
 */
export function createConnection<Schema extends DBSchema>(
  open: (handlers: Handlers<Schema>) => Promise<IDBPDatabase<Schema>>,
): () => Promise<IDBPDatabase<Schema>> {
  let opening: Promise<IDBPDatabase<Schema>> | undefined
  const forget = () => {
    opening = undefined
  }
  return () => {
    if (opening) return opening
    let reject = (_: Error) => {}
    const isBlocked = new Promise<never>((_, fail) => {
      reject = fail
    })
    const opened = open({
      blocked: () => reject(new DOMException('Another tab holds an older version of the storage.', 'BlockedError')),
      blocking(_, __, event) {
        forget()
        ;(event.target as IDBDatabase).close() // or the other tab would wait for ever
      },
      terminated: forget,
    })
    opening = Promise.race([opened, isBlocked])
    opened.then((database) => {
      opening = Promise.resolve(database)
    }, forget)
    return opening
  }
}
