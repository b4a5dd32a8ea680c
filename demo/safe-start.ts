/**
 * @file Starts of the model that failed: by the GPU, or with the whole browser. After two in a row the
 * page waits for its reader, and offers a safe start.
 */

import type { ChatState } from '../src/element/types.ts'
import type { SmallStorage } from './storage.ts'

/** The starts of this page. */
export interface Starts {
  /** The last ones failed, so the model is not loaded by itself. */
  readonly isWary: boolean
  /** The chat has come to `state`; `code` is that of its last error. */
  follow(state: ChatState, code: string | undefined): void
  /** The page is left in good order: a start under way counts no more. */
  leave(): void
}

const KEY = 'rwkv.js failed starts'
const MANY = 2

/** Counted in `storage`, before each start as if it had failed. */
export function countStarts(storage: SmallStorage): Starts {
  let failed = Number(storage.getItem(KEY)) || 0
  let isUnderWay = false
  const write = (count: number) => storage.setItem(KEY, String(count))
  const end = (count: number) => {
    if (!isUnderWay) return
    isUnderWay = false
    failed = count
    write(failed)
  }
  return {
    isWary: failed >= MANY,
    follow(state, code = '') {
      if (state === 'loading') {
        isUnderWay = true
        write(failed + 1)
      } else if (state === 'ready') end(0)
      else if (state === 'failed') end(/^(gpu|worker)\//.test(code) ? failed + 1 : failed)
      else end(failed)
    },
    leave: () => end(failed),
  }
}
