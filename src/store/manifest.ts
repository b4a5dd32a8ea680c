/**
 * @file The manifest of a kept file, which says that it is whole, and the journal of one that is being fetched.
 */

import { RwkvError } from '../core/errors.ts'
import { STAMP } from '../file/hash.ts'
import { type Directory, type Writer, writeAll } from './directory.ts'
import type { Journal } from './download.ts'

export const JOURNAL = 'journal'
export const MANIFEST = 'manifest.json'
const MOST_TEXT_BYTES = 64 * 1024 * 1024

/** What stands in a journal's first line and in a manifest. */
export interface Head {
  readonly version: 1
  readonly url: string
  readonly name: string
  readonly model: string
  readonly byteLength: number
  readonly etag: string | undefined
  readonly sha256: string | undefined
  readonly savedAt: number
}

/** What is kept, as far as its chunks are written. */
export interface Manifest extends Head {
  readonly chunks: readonly string[]
}

/** Where a browser keeps no files: it has no private file system for pages, or refuses it, as in some private windows. */
export function unavailable(cause: unknown): RwkvError {
  return new RwkvError(
    'store/unavailable',
    'This browser keeps no files for this page, so a model is fetched each time it is opened.',
    { cause },
  )
}

/** @throws RwkvError `store/busy` where another tab has the file open; `store/unavailable` where none can be written. */
export async function openWriter(inside: Directory, name: string, file: string): Promise<Writer> {
  try {
    return await inside.writer(name)
  } catch (cause) {
    if (!(cause instanceof DOMException) || cause.name !== 'NoModificationAllowedError') throw unavailable(cause)
    throw new RwkvError(
      'store/busy',
      `${file} cannot be written on this device now: ${sayCause(cause)}. Another tab may be using it; close it and load again.`,
      { cause },
    )
  }
}

/** A journal: a line of JSON, then a line a chunk, each flushed before the next; a cut last line does not count. */
export function createJournalWriter(writer: Writer, head: Head, begun: Journal): (journal: Journal) => void {
  let written = 0
  let at = 0
  const put = (text: string): void => {
    const bytes = new TextEncoder().encode(text)
    writeAll(writer, bytes, { at, file: head.name })
    at += bytes.length
  }
  const begin = (journal: Journal): void => {
    at = 0
    written = 0
    writer.truncate(0)
    put(`${JSON.stringify({ ...head, byteLength: journal.byteLength, etag: journal.etag })}\n`)
  }
  const add = (journal: Journal): void => {
    if (journal.chunks.length < written || journal.chunks.length === 0) begin(journal)
    for (const chunk of journal.chunks.slice(written)) put(`${chunk}\n`)
    written = journal.chunks.length
  }
  begin(begun)
  add(begun)
  return add
}

/** Undefined where there is none, or only a part of one. */
export async function readManifest(inside: Directory): Promise<Manifest | undefined> {
  const text = await readWhole(inside, MANIFEST)
  return text === undefined ? undefined : parseHead(text)
}

/** Undefined where there is none. */
export async function readJournal(inside: Directory): Promise<Manifest | undefined> {
  const lines = (await readWhole(inside, JOURNAL))?.split('\n').slice(0, -1)
  const head = lines?.[0] === undefined ? undefined : parseHead(lines[0])
  if (!lines || !head) return undefined
  const chunks = lines.slice(1)
  const sound = chunks.findIndex((chunk) => !STAMP.test(chunk))
  return { ...head, chunks: sound < 0 ? chunks : chunks.slice(0, sound) }
}

/** Undefined for what is no manifest, such as a half-written one. */
function parseHead(text: string): Manifest | undefined {
  try {
    const head = JSON.parse(text) as Manifest
    const isSound = head.version === 1 && typeof head.url === 'string' && Number.isSafeInteger(head.byteLength)
    return isSound ? { ...head, chunks: Array.isArray(head.chunks) ? head.chunks : [] } : undefined
  } catch {
    return undefined
  }
}

/** A small file as text; undefined where there is none. */
export async function readWhole(inside: Directory, name: string): Promise<string | undefined> {
  const reader = await inside.reader(name)
  if (!reader) return undefined
  try {
    return new TextDecoder().decode(await reader.read(0, Math.min(reader.byteLength, MOST_TEXT_BYTES)))
  } finally {
    reader.close()
  }
}

/** Write a small file whole. */
export async function writeText(inside: Directory, name: string, text: string): Promise<void> {
  const writer = await openWriter(inside, name, name)
  try {
    const bytes = new TextEncoder().encode(text)
    writer.truncate(0)
    writeAll(writer, bytes, { at: 0, file: name })
  } finally {
    writer.close()
  }
}

/** What is said of an error in the middle of a sentence. */
export function sayCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
