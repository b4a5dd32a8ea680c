/** @file Small things kept in this browser between visits. */

/** What is used of it. */
export type SmallStorage = Pick<Storage, 'getItem' | 'setItem'>

/** The browser's, or where it is not allowed one that keeps nothing. */
export function openStorage(): SmallStorage {
  try {
    return localStorage
  } catch {
    return { getItem: () => null, setItem() {} }
  }
}
