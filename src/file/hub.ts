/**
 * @file Repositories of the Hugging Face Hub: `hf:owner/repo[@revision][/file]`. The list of files comes from the tree API,
 * with sizes and SHA-256, since a followed redirect of `/resolve/` hides the headers that hold them.
 */

import { decoded } from '../core/address.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { Folder, OpenRemote, RemoteFile } from './folder.ts'
import { readBody, request } from './http.ts'

/** The parts of a Hub address. */
export interface HubAddress {
  readonly repository: string
  readonly revision: string
  /** Path of a file in the repository, or of a folder, which ends in `/`. */
  readonly file?: string
}

/** Where the Hub is. */
export const HUB_URL = 'https://huggingface.co'

const MOST_PAGES = 20
const NAME = '[A-Za-z0-9][\\w.-]{0,95}'
const ADDRESS = new RegExp(`^hf:(${NAME}/${NAME}?)(?:@([^@/\\s]{1,200}))?(?:/(.+))?$`)

/** True for what `parseHubAddress` is for. */
export function isHubAddress(source: string): boolean {
  return source.startsWith('hf:')
}

/**
 * Take `hf:owner/repo[@revision][/file]` apart; the revision is `main` if left out, and its slashes are written %2F. What
 * ends in `/` is a folder.
 * @throws RwkvError `option/invalid`.
 */
export function parseHubAddress(source: string): HubAddress {
  const [, repository, revision = 'main', file] = ADDRESS.exec(source) ?? []
  const isClimbing = file
    ?.replace(/\/$/, '')
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..')
  if (!repository || isClimbing) {
    throw new RwkvError(
      'option/invalid',
      `${source.slice(0, 200)} is not an address of the Hub; expected hf:owner/repo, hf:owner/repo@revision or hf:owner/repo/file.`,
    )
  }
  return { repository, revision: decoded(revision), ...(file && { file }) }
}

/** What `openHubFolder` takes. */
export interface HubFolderOptions {
  readonly address: HubAddress
  readonly fetch: typeof globalThis.fetch
  readonly openRemote: OpenRemote
  /** For private and gated repositories. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  /** `HUB_URL` if left out; a mirror, or a server of tests. */
  readonly hubUrl?: string | undefined
  /** Called with what the Hub answered, so that it can be kept for when there is no connection. */
  readonly list?: ((url: string, ask: () => Promise<string>) => Promise<string>) | undefined
}

/**
 * The folder that `address.file` lies in, or the repository's top: listed, without reading any of its files.
 * @throws RwkvError `hub/access` (no such repository, or private, gated or a wrong token), `hub/answer`, `file/network`.
 */
export async function openHubFolder(options: HubFolderOptions): Promise<Folder> {
  const { address, fetch, openRemote, token, signal, hubUrl = HUB_URL } = options
  const { repository, revision, file } = address
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) }
  const inside = file?.includes('/') ? `${file.slice(0, file.lastIndexOf('/'))}/` : ''
  const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/')
  const at = encodeURIComponent(revision)
  const first = `${hubUrl}/api/models/${repository}/tree/${at}${inside ? `/${encode(inside.slice(0, -1))}` : ''}`
  const ask = async () => JSON.stringify(await listPages(first, { fetch, headers, signal, repository }))
  const listed = options.list ? await options.list(first, ask) : await ask()

  const files = new Map<string, RemoteFile>()
  for (const entry of parseTree(listed, repository)) {
    const name = entry.path.slice(inside.length)
    files.set(name, {
      url: `${hubUrl}/${repository}/resolve/${at}/${encode(entry.path)}`,
      name,
      headers,
      byteLength: entry.byteLength,
      ...(entry.sha256 && { sha256: entry.sha256 }),
    })
  }
  const name = `hf:${repository}${revision === 'main' ? '' : `@${at}`}`
  return {
    name: `${name}${inside && `/${inside}`}`,
    files: new Map(Array.from(files, ([file, { byteLength = 0 }]) => [file, byteLength])),
    addressOf: (file) => `${name}/${inside}${file}`,
    async open(name) {
      const found = files.get(name)
      if (found) return openRemote(found)
      throw new RwkvError('file/not-found', `${repository} (${revision}) has no file ${inside}${name}. Check the name.`)
    },
  }
}

interface ListOptions {
  readonly fetch: typeof globalThis.fetch
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
  readonly repository: string
}

/** All pages of a listing, which follow one another by Link headers. */
async function listPages(first: string, { fetch, headers, signal, repository }: ListOptions): Promise<unknown[]> {
  const all: unknown[] = []
  let url = first
  for (let page = 0; page < MOST_PAGES; page++) {
    const options = { url, fetch, headers, signal }
    const response: Response = await request(options).catch((error: unknown) => {
      throw explain(error, repository)
    })
    const bytes: Uint8Array = await readBody(options, response)
    try {
      all.push(...(JSON.parse(new TextDecoder().decode(bytes)) as unknown[]))
    } catch (cause) {
      throw failAnswer(repository, cause)
    }
    const next: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(response.headers.get('link') ?? '')?.[1]
    if (next === undefined) break
    if (!URL.canParse(next, url) || new URL(next, url).origin !== new URL(first).origin)
      throw failAnswer(repository, `a page at ${next}`)
    url = new URL(next, url).href
  }
  return all
}

/** The Hub answers 401 for what does not exist as well as for what is private. */
function explain(error: unknown, repository: string): unknown {
  const status = /status (40[134])/.exec(isRwkvError(error) ? error.message : '')?.[1]
  if (!status) return error
  return new RwkvError(
    'hub/access',
    `The Hub answered ${status} for ${repository}: there is no such repository or revision, or it is private or gated. Check the name, or pass a token of an account that may read it.`,
    { cause: error },
  )
}

interface TreeFile {
  readonly path: string
  readonly byteLength: number
  readonly sha256: string | undefined
}

function parseTree(text: string, repository: string): TreeFile[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    throw failAnswer(repository, cause)
  }
  if (!Array.isArray(list)) throw failAnswer(repository, 'no list')
  const files: TreeFile[] = []
  for (const item of list) {
    const { type, path, size, lfs } = Object(item) as Record<string, unknown>
    if (type !== 'file') continue
    const stored = Object(lfs) as Record<string, unknown>
    const byteLength = stored.size ?? size
    const sha256 = stored.oid
    if (typeof path !== 'string' || typeof byteLength !== 'number' || !Number.isSafeInteger(byteLength)) {
      throw failAnswer(repository, 'an entry without path and size')
    }
    files.push({
      path,
      byteLength,
      sha256: typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    })
  }
  return files
}

function failAnswer(repository: string, cause: unknown): RwkvError {
  return new RwkvError(
    'hub/answer',
    `The list of files of ${repository} is not what the Hub answers: ${String(cause).slice(0, 200)}. Try again later, or give the URL of the file itself.`,
    { cause },
  )
}
