/**
 * @file Small things kept in this browser between visits. What cannot be written, since there is no room or it is not allowed,
 * stays in memory, is read from there, and is tried again with the next write.
 */

/** What is used of the browser's. */
export type SmallStorage = Pick<Storage, 'getItem' | 'setItem'>

/** What `createSmallStorage` takes. */
export interface SmallStorageOptions {
  /** Default: the browser's. @throws DOMException where it is not allowed */
  readonly open?: () => SmallStorage
  /** A write was refused; told once until all is written. */
  readonly onTrouble: (error: unknown) => void
  /** All that was refused is written. */
  readonly onWell: () => void
}

/** A storage whose calls do not fail. */
export function createSmallStorage(options: SmallStorageOptions): SmallStorage {
  const { open = () => localStorage, onTrouble, onWell } = options
  const unwritten = new Map<string, string>()
  return {
    getItem(key) {
      try {
        return unwritten.get(key) ?? open().getItem(key)
      } catch {
        return null
      }
    },
    setItem(key, value) {
      const wasWell = unwritten.size === 0
      unwritten.set(key, value)
      let refusal: unknown
      for (const [name, text] of unwritten) {
        try {
          open().setItem(name, text)
          unwritten.delete(name)
        } catch (error) {
          refusal = error // another may have room
        }
      }
      if (wasWell && unwritten.size > 0) onTrouble(refusal)
      if (!wasWell && unwritten.size === 0) onWell()
    },
  }
}
