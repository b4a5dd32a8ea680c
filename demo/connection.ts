/** @file A connection to a database of this browser that comes back after it went, and makes way for other tabs. */

import type { DBSchema, IDBPDatabase, IDBPTransaction, OpenDBCallbacks, StoreNames } from 'idb'

/** What a connection must hear of its database. */
export type Handlers<Schema extends DBSchema> = Pick<OpenDBCallbacks<Schema>, 'blocked' | 'blocking' | 'terminated'>

/**
 * Run `work` in a transaction over `stores`. Resolves with what it gives once the transaction is complete.
 * @throws DOMException why the transaction was aborted; `BlockedError` while another tab holds an older version; what the
 * browser says where storage is refused
 */
export type Transact<Schema extends DBSchema> = <
  Names extends StoreNames<Schema>[],
  Mode extends 'readonly' | 'readwrite',
  Result,
>(
  stores: Names,
  mode: Mode,
  work: (transaction: IDBPTransaction<Schema, Names, Mode>) => Promise<Result>,
) => Promise<Result>

/**
 * Transactions of the database that `open` opens: when the first is asked for, and again after it went. It closes for
 * another tab that opens a newer version. Reads are transactions too: one that is aborted rejects its `done`, which idb's
 * own short cuts for reads leave unheard.
 */
export function createConnection<Schema extends DBSchema>(
  open: (handlers: Handlers<Schema>) => Promise<IDBPDatabase<Schema>>,
): Transact<Schema> {
  let opening: Promise<IDBPDatabase<Schema>> | undefined
  const forget = () => {
    opening = undefined
  }
  const connect = () => {
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
  return async (stores, mode, work) => {
    const transaction = (await connect()).transaction(stores, mode)
    try {
      const [result] = await Promise.all([work(transaction), transaction.done])
      return result
    } catch (error) {
      throw transaction.error ?? error // why it was aborted, rather than that it was
    }
  }
}
