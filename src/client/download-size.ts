/**
 * @file How many bytes loading a model would fetch, asked before any of them are: for pages that want a click before a
 * large download.
 */

/** What `readDownloadSize` needs. */
export interface DownloadSizeOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  readonly signal?: AbortSignal
}

/**
 * Bytes of all files of the model at `url` (as for `loadModel`), or undefined where a server does not tell or the model
 * is not found. Costs the small `model.json` and a request without a body for each file.
 */
export async function readDownloadSize(url: string, options: DownloadSizeOptions = {}): Promise<number | undefined> {
  try {
    const sizes = await Promise.all((await filesOf(url, options)).map((file) => sizeOf(file, options)))
    return sizes.reduce<number | undefined>(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    )
  } catch {
    return undefined // the load itself will say what is wrong
  }
}

async function filesOf(url: string, { fetch = globalThis.fetch, signal }: DownloadSizeOptions): Promise<string[]> {
  if (!new URL(url).pathname.endsWith('/')) return [url]
  const response = await fetch(new URL('model.json', url), { signal: signal ?? null })
  const { weights, vocabulary } = (await response.json()) as Record<string, unknown>
  const names = [weights, (vocabulary as { file?: unknown } | undefined)?.file].flat()
  if (!names.every((name) => typeof name === 'string')) throw new TypeError('not a model description')
  const files = names.map((name) => new URL(name, url).href)
  // As in the engine: a description must not make the page ask other hosts.
  if (!files.every((file) => file.startsWith(url))) throw new TypeError('files outside the folder')
  return files
}

async function sizeOf(
  url: string,
  { fetch = globalThis.fetch, signal: given }: DownloadSizeOptions,
): Promise<number | undefined> {
  const signal = given ?? null
  const head = await fetch(url, { method: 'HEAD', signal })
  const length = head.ok ? lengthOf(head) : undefined
  if (length !== undefined) return length
  // Some servers know no HEAD, or compress what is not asked for by range.
  const part = await fetch(url, { headers: { Range: 'bytes=0-0' }, signal })
  part.body?.cancel().catch(() => {})
  if (part.status === 206) return digits(/\/(\d+)\s*$/.exec(part.headers.get('content-range') ?? '')?.[1])
  return part.ok ? lengthOf(part) : undefined
}

/** Content-Length, unless it counts the bytes of a compressed body, or of a page about the file. */
function lengthOf({ headers }: Response): number | undefined {
  const isOther = headers.has('content-encoding') || /html/.test(headers.get('content-type') ?? '')
  return isOther ? undefined : digits(headers.get('content-length'))
}

function digits(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
}
