/** @file What was written and not sent, kept for each conversation. */

import type { SmallStorage } from '../storage.ts'

/** Drafts by conversation; undefined is the new one. */
export interface Drafts {
  read(id: string | undefined): string
  write(id: string | undefined, draft: string): void
}

const KEY = 'rwkv.js drafts'

/** Drafts in `storage`. */
export function createDrafts(storage: SmallStorage): Drafts {
  const drafts = new Map(readAll(storage))
  return {
    read: (id = '') => drafts.get(id) ?? '',
    write(id = '', draft) {
      if (draft === '') drafts.delete(id)
      else drafts.set(id, draft)
      storage.setItem(KEY, JSON.stringify([...drafts]))
    },
  }
}

function readAll(storage: SmallStorage): [string, string][] {
  try {
    const all: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
    const isPair = (pair: unknown): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
    return Array.isArray(all) ? all.filter(isPair) : []
  } catch {
    return [] // damaged
  }
}
