/**
 * @file Where the files of one model lie together: a folder on a server, a repository of the Hub, or files the user chose.
 * What reads models asks for files by name and does not know which it is.
 */

import { RwkvError } from '../core/errors.ts'
import { type ByteSource, createBlobSource } from './byte-source.ts'

/** Files of one model. */
export interface Folder {
  /** For people: an address, a repository, or that they are the user's own files. */
  readonly name: string
  /** Names of all files and their bytes, where the place can be listed; relative to the folder. */
  readonly files: ReadonlyMap<string, number> | undefined
  /** What opens one of the listed files by itself; absent where nothing would. */
  readonly addressOf?: (file: string) => string
  /**
   * @param sha256 of the file, where its model says it; checked where the file is kept
   * @throws RwkvError `file/not-found`, and what the place throws.
   */
  open(file: string, sha256?: string): Promise<ByteSource>
}

/** A file on a server, and what is known of it beforehand. */
export interface RemoteFile {
  readonly url: string
  /** For messages and progress. */
  readonly name: string
  readonly byteLength?: number
  /** 64 lower-case hexadecimal digits. */
  readonly sha256?: string
  /** Sent with every request for it. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** How a remote file is opened: from the network, or kept in the store on its way. */
export type OpenRemote = (file: RemoteFile) => Promise<ByteSource>

/** What `createUrlFolder` takes. */
export interface UrlFolderOptions {
  /** Ends in `/`. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly openRemote: OpenRemote
}

/** A folder on a plain web server, which cannot be listed. */
export function createUrlFolder({ url, headers, openRemote }: UrlFolderOptions): Folder {
  return {
    name: url,
    files: undefined,
    open: (file, sha256) =>
      openRemote({
        url: `${url}${file.split('/').map(encodeURIComponent).join('/')}`,
        name: file,
        headers,
        ...(sha256 !== undefined && { sha256 }),
      }),
  }
}

/**
 * Files the user chose or dropped.
 * @throws RwkvError `option/invalid` if there is none.
 */
export function createFileFolder(files: readonly File[]): Folder {
  if (files.length === 0) throw new RwkvError('option/invalid', 'No file was chosen. Choose the weights of a model.')
  const byName = new Map(files.map((file) => [file.name, file]))
  return {
    name: 'Your choice of files',
    files: new Map(files.map(({ name, size }) => [name, size])),
    async open(name) {
      const file = byName.get(name)
      if (file) return createBlobSource(name, file)
      const given = [...byName.keys()].join(', ').slice(0, 200)
      throw new RwkvError(
        'file/not-found',
        `${name} is not among the files that were chosen (${given}). Choose it too.`,
      )
    },
  }
}
