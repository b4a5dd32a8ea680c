/**
 * @file Requests for model files: one place turns statuses and failures of `fetch` into errors with a code.
 */

import { RwkvError } from '../core/errors.ts'

/** Where a file is and how to ask for it. */
export interface UrlOptions {
  readonly url: string
  /** For messages; by default the last part of the address. */
  readonly name?: string | undefined
  readonly fetch: typeof globalThis.fetch
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly offset: number
  readonly byteLength: number
}

/** What a server answered, as the cause of an error: whether to try again, and when. */
export interface HttpFault {
  readonly status: number
  /** By its Retry-After, if it gave one. */
  readonly retryAfterMs: number | undefined
}

/**
 * Ask for a file or a part of it; answers 200, or 206 or 416 where a part was asked for.
 * @throws RwkvError `file/not-found`, `file/network`; the signal's reason if aborted.
 */
export async function request({ url, fetch, headers, signal }: UrlOptions, range?: ByteRange): Promise<Response> {
  signal?.throwIfAborted()
  // A range in this simple form needs no CORS preflight, and makes browsers ask for the identity encoding.
  const rangeHeader = range && { Range: `bytes=${range.offset}-${range.offset + range.byteLength - 1}` }
  // The browser's cache would keep a second copy, and cut a request up around the parts that it has.
  const cache = range ? 'no-store' : 'default'
  let response: Response
  try {
    response = await fetch(url, { headers: { ...headers, ...rangeHeader }, cache, signal: signal ?? null })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new RwkvError(
      'file/network',
      `No answer from ${url}: ${sayCause(cause)}. Check the address and the connection, and for another origin that it allows this page (CORS).`,
      { cause },
    )
  }
  const { status } = response
  if (status === 200 || (range && (status === 206 || status === 416))) return response
  discard(response)
  if (status === 404 || status === 410) {
    throw new RwkvError('file/not-found', `${url} was not found (status ${status}). Check the address.`)
  }
  const advice =
    status === 401 || status === 403
      ? 'It may need authorisation: pass it in `headers`.'
      : status === 429 || status >= 500
        ? 'Try again later.'
        : 'Check the address.'
  throw new RwkvError('file/network', `${url} was answered with status ${status}; expected 200 or 206. ${advice}`, {
    cause: { status, retryAfterMs: retryAfter(response) } satisfies HttpFault,
  })
}

/**
 * The whole body of a response.
 * @throws RwkvError `file/network` if it breaks off, `file/truncated` if it is shorter than announced; the signal's
 * reason if aborted.
 */
export async function readBody({ url, signal }: UrlOptions, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    signal?.throwIfAborted()
    throw new RwkvError('file/network', `The answer from ${url} broke off: ${sayCause(cause)}. Try again.`, { cause })
  }
  signal?.throwIfAborted()
  const announced = response.headers.get('content-length')
  if (announced !== null && !isEncoded(response) && bytes.length < Number(announced)) {
    throw new RwkvError('file/truncated', `${url} gave ${bytes.length} bytes of ${announced} announced. Try again.`)
  }
  return bytes
}

/** True if the body arrives decoded, so that lengths and ranges in the headers count other bytes than we see. */
export function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding')
  return encoding !== null && !/^\s*(identity)?\s*$/i.test(encoding)
}

/** Let go of a response whose body is not wanted. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

function sayCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Length of the whole file by Content-Range, if it can be told. */
export function totalOf(response: Response): number | undefined {
  const total = /^bytes\s+(?:\d+-\d+|\*)\/(\d+)\s*$/i.exec(response.headers.get('content-range') ?? '')?.[1]
  return total !== undefined && Number.isSafeInteger(Number(total)) ? Number(total) : undefined
}

/** Retry-After is a number of seconds or a date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after')
  if (value === null) return undefined
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined
}
