/** @file Where the files of a model are on disk, as people name such places: by a path, or a `file:` URL. */

import { openAsBlob } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { RwkvError } from '../core/errors.ts'

/** With a scheme, of two letters at least: one is a drive of Windows. */
const ADDRESS = /^[a-z][a-z\d+.-]+:/i

/** What the engine reads in the place of a path or a `file:` URL: a folder's files, or the URL of a file. Others stay. */
export async function sourceAt<Source>(source: Source): Promise<Source | File[] | string> {
  if (!isOnDisk(source)) return source
  const { path, isFolder } = await find(source)
  if (!isFolder) return pathToFileURL(path).href
  const entries = await readdir(path, { withFileTypes: true })
  return Promise.all(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => fileAt(join(path, name))))
}

/** The file at a path or a `file:` URL. Others stay. */
export async function bytesAt<Source>(source: Source): Promise<Source | File> {
  return isOnDisk(source) ? fileAt((await find(source)).path) : source
}

function isOnDisk(source: unknown): source is string | URL {
  if (typeof source !== 'string' && !(source instanceof URL)) return false
  return /^file:/i.test(String(source)) || !ADDRESS.test(String(source))
}

async function find(place: string | URL): Promise<{ path: string; isFolder: boolean }> {
  try {
    const path = /^file:/i.test(String(place)) ? fileURLToPath(place) : String(place)
    return { path, isFolder: (await stat(path)).isDirectory() }
  } catch (cause) {
    throw new RwkvError(
      'file/not-found',
      `There is nothing at ${place} (${(cause as NodeJS.ErrnoException).code}); expected a folder or a file on this disk. Models of the Hub are named hf:owner/repo.`,
      { cause },
    )
  }
}

/** Read from disk when it is wanted, piece by piece. */
const fileAt = async (path: string): Promise<File> => new File([await openAsBlob(path)], basename(path))
