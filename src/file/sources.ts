/** @file From what the user gave (an address, a Hub name, files) to the folder it means and, where one was named, the file. */

import { canonicalAddress, decoded } from '../core/address.ts'
import { RwkvError } from '../core/errors.ts'
import { type GivenBytes, isInMemory, readGiven, sayKind } from '../core/given-bytes.ts'
import type { LoadOptions, ModelSource } from '../core/protocol.ts'
import { createFileFolder, createUrlFolder, type Folder, type OpenRemote } from './folder.ts'
import { isHubAddress, openHubFolder, parseHubAddress } from './hub.ts'

/** What `openSource` takes beside the source. */
export interface OpenSourceOptions extends Pick<LoadOptions, 'headers' | 'token' | 'hubUrl' | 'signal'> {
  readonly fetch: typeof globalThis.fetch
  readonly openRemote: OpenRemote
  /** See `HubFolderOptions.list`. */
  readonly list?: ((url: string, ask: () => Promise<string>) => Promise<string>) | undefined
}

/** A folder, and the file in it that was asked for. */
export interface OpenedSource {
  readonly folder: Folder
  /** The weights; undefined where the folder itself was given. */
  readonly file: string | undefined
}

/** What to call bytes that come without a name. */
const NAMELESS = 'model'

/**
 * Find the place of a model's files.
 * @throws RwkvError `option/invalid`, and all of `openHubFolder`.
 */
export async function openSource(source: ModelSource, options: OpenSourceOptions): Promise<OpenedSource> {
  if (typeof source === 'string' || source instanceof URL) return openAddress(canonicalAddress(source), options)
  if (source instanceof Blob || isInMemory(source)) {
    const file = isFile(source) ? source : new File([await readAsPart(source)], NAMELESS)
    return { folder: createFileFolder([file]), file: file.name }
  }
  const files = isList(source) ? Array.from(source) : [source]
  const stranger = files.find((file) => !isFile(file))
  if (stranger !== undefined || !isList(source)) {
    throw new RwkvError(
      'option/invalid',
      `The source of a model ${isList(source) ? 'holds' : 'is'} ${sayKind(stranger)}; expected an address, a File, a Blob, an ArrayBuffer or typed array of the weights, or a list of Files.`,
    )
  }
  return { folder: createFileFolder(files.filter(isFile)), file: undefined }
}

/** A source for people and for the store: an address, or names of files. */
export function nameOfSource(source: ModelSource): string {
  if (typeof source === 'string' || source instanceof URL) return canonicalAddress(source)
  const files: readonly unknown[] = isList(source) ? Array.from(source) : [source]
  return files.map((file) => (isFile(file) ? file.name : NAMELESS)).join(', ')
}

/** A Blob is not read; memory is copied once if it is shared. */
async function readAsPart(source: GivenBytes): Promise<BlobPart> {
  return source instanceof Blob ? source : readGiven(source, 'The source of a model')
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { length?: unknown }).length === 'number'
}

/** True for a File, also one of another realm. */
function isFile(value: unknown): value is File {
  return value instanceof Blob && typeof (value as { name?: unknown }).name === 'string'
}

async function openAddress(source: string, options: OpenSourceOptions): Promise<OpenedSource> {
  const { headers, openRemote } = options
  if (isHubAddress(source)) {
    const address = parseHubAddress(source)
    return { folder: await openHubFolder({ ...options, address }), file: address.file?.split('/').at(-1) || undefined }
  }
  if (!URL.canParse(source, 'file:///')) {
    throw new RwkvError(
      'option/invalid',
      `The source of a model is ${JSON.stringify(source)}, which is no address; expected a URL such as /models/mine/, or hf:owner/repo.`,
    )
  }
  const { pathname } = new URL(source, 'file:///')
  const file = pathname.split('/').at(-1) ?? ''
  // A query may belong to the file alone (a signed address), so the file keeps its own and the folder has none.
  const folderUrl = source.replace(/[?#].*$/s, '').replace(/[^/]*$/, '')
  const folder = createUrlFolder({ url: folderUrl, headers, openRemote })
  if (file === '') return { folder, file: undefined }
  const name = decoded(file)
  return {
    folder: {
      ...folder,
      open: (wanted, sha256) =>
        wanted === name ? openRemote({ url: source, name, headers }) : folder.open(wanted, sha256),
    },
    file: name,
  }
}
