/** @file Texts that are given along with a message, files and long pastes: how they are read, and what the model is told. */

import type { Asked } from './conversation.ts'
import type { Attachment } from './types.ts'

/** A paste of so many characters is folded into an attachment. */
export const LONG_PASTE = 2000

/** A file with more bytes is refused: some two million tokens. */
const MOST_BYTES = 10_000_000

/** A reader's message of `words` behind `attachments`: the text that the model gets, and how much of it is whose. */
export function withAttachments(words: string, attachments: readonly Attachment[]): Asked {
  const parts = attachments.map(({ name, text }) => `${name === undefined ? '' : `${name}:\n`}${text.trim()}\n\n`)
  const text = [...parts, words].join('').trim()
  if (parts.length === 0) return { text }
  const attached = attachments.map(({ name }, i) => ({
    ...(name !== undefined && { name }),
    length: parts[i]?.length ?? 0,
  }))
  return { text, attachments: attached }
}

/** The same taken apart. */
export function withoutAttachments({ text, attachments = [] }: Asked): {
  readonly words: string
  readonly attachments: readonly Attachment[]
} {
  let at = 0
  const found = attachments.map(({ name, length }) => {
    const start = name === undefined ? at : at + name.length + 2 // `name:` and a line end
    at += length
    return { ...(name !== undefined && { name }), text: text.slice(start, at).trimEnd() }
  })
  return { words: text.slice(at), attachments: found }
}

/** A file as text; undefined for one that is none (it is not UTF-8, or has bytes that no text has), or that is too long. */
export async function readTextFile(file: File): Promise<Attachment | undefined> {
  if (file.size > MOST_BYTES) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
    return text.includes('\0') ? undefined : { name: file.name, text }
  } catch {
    return undefined // of a folder, too
  }
}
