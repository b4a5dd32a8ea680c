/** @file Finds conversations by their titles and by what was said in them. */

import type { BranchText, ConversationEntry } from './store.ts'

/** A conversation that was found. */
export interface Found {
  readonly entry: ConversationEntry
  /** Words around the place, if it was found in what was said. */
  readonly excerpt?: string
}

const AROUND = 28 // letters on either side

/** Those of `entries` whose title or whose text has every word of `query`, in their order. */
export function findConversations(
  entries: readonly ConversationEntry[],
  texts: readonly BranchText[],
  query: string,
): readonly Found[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const isIn = (text: string) => words.every((word) => text.includes(word))
  const found = new Map<string, string>()
  for (const { conversation, text } of texts) {
    if (!found.has(conversation) && isIn(text.toLowerCase())) found.set(conversation, excerptOf(text, words[0] ?? ''))
  }
  return entries.flatMap((entry) => {
    const excerpt = found.get(entry.id)
    if (isIn(entry.title.toLowerCase())) return [{ entry }]
    return excerpt === undefined ? [] : [{ entry, excerpt }]
  })
}

function excerptOf(text: string, word: string): string {
  const at = text.toLowerCase().indexOf(word)
  const [from, to] = [Math.max(0, at - AROUND), at + word.length + AROUND]
  return `${from > 0 ? '…' : ''}${text.slice(from, to).replace(/\s+/g, ' ').trim()}${to < text.length ? '…' : ''}`
}
