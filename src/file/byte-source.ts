/**
 * @file Where the bytes of a model come from: memory, a file of the user, or a server that answers ranges. Everything that
 * reads files reads through `ByteSource`, so a checkpoint of gigabytes is never held whole.
 */

import { RwkvError } from '../core/errors.ts'
import { type ByteRange, discard, isEncoded, readBody, request, totalOf, type UrlOptions } from './http.ts'
import { RECOGNIZE_BYTE_LENGTH, refuseImpostor } from './recognize.ts'

export type { UrlOptions } from './http.ts'

/** A file of known length that can be read anywhere. Reads may run at the same time. */
export interface ByteSource {
  /** For messages: a file name, not an address. */
  readonly name: string
  readonly byteLength: number
  /**
   * Exactly `byteLength` bytes from `offset`. The result may be a view of memory that other reads share: do not write
   * to it, and copy what you keep.
   * @throws RwkvError `file/truncated` outside the file, `file/network`.
   */
  read(offset: number, byteLength: number): Promise<Uint8Array>
  /** True while reads are served from large pieces in memory anyway, so that reading ahead only copies. */
  readonly isBuffered?: boolean
  /** Of a copy kept on this device: its address, what it belongs to, and what tells it from other versions. */
  readonly kept?: { readonly url: string; readonly model: string; readonly version: string } | undefined
  /** Fetch all of it now, where the source keeps what it fetches; reads then come from there. */
  prepare?(): Promise<void>
  /** Let go of what is held open; reads fail after it. Most sources hold nothing. */
  dispose?(): void
}

/** A file on a server. */
export interface RemoteSource extends ByteSource {
  /** The server's name for these bytes, if it gives one and it may be seen. */
  readonly etag?: string | undefined
}

const FIRST_BYTE_LENGTH = 256 * 1024 // holds the header of any RWKV-4, and small files whole
const WINDOW_BYTE_LENGTH = 4 * 1024 * 1024
const TEXT_CAP = 64 * 1024 * 1024

/** A source over bytes in memory; `read` gives views of them. */
export function createByteSource(name: string, bytes: Uint8Array): ByteSource {
  const source: ByteSource = {
    name,
    byteLength: bytes.length,
    async read(offset, byteLength) {
      checkRange(source, { offset, byteLength })
      return bytes.subarray(offset, offset + byteLength)
    },
  }
  return source
}

/**
 * A source over a file the user chose, or any other Blob.
 * @param onRead called with the bytes of each read
 */
export function createBlobSource(
  name: string,
  blob: Blob,
  onRead: (byteLength: number) => void = () => {},
): ByteSource {
  const source: ByteSource = {
    name,
    byteLength: blob.size,
    async read(offset, byteLength) {
      checkRange(source, { offset, byteLength })
      try {
        const bytes = new Uint8Array(await blob.slice(offset, offset + byteLength).arrayBuffer())
        onRead(byteLength)
        return bytes
      } catch (cause) {
        const message = `${name} cannot be read any more: ${String(cause)}. It was moved or changed since it was chosen; choose it again.`
        throw new RwkvError('file/not-found', message, { cause })
      }
    },
  }
  return source
}

/**
 * A source over a URL, read by ranges. A server that knows no ranges (or hides their length, or encodes the body) is
 * asked for the whole file, which is then kept in memory.
 * @throws RwkvError `file/not-found`, `file/network`, `file/truncated`, `file/not-weights` (a web page or git-lfs
 * pointer in the file's place); the signal's reason if aborted, here and in `read`.
 */
export async function openUrl(options: UrlOptions): Promise<RemoteSource> {
  const name = options.name ?? nameOf(options.url)
  const response = await request(options, { offset: 0, byteLength: FIRST_BYTE_LENGTH })
  if (response.status === 200) return openWhole(options, response)
  const total = totalOf(response)
  if (response.status === 416 && total === 0) return createByteSource(name, new Uint8Array(0))
  if (response.status === 416 || total === undefined || isEncoded(response)) {
    discard(response)
    return openWhole(options, await request(options))
  }

  const first = await readPart(options, response, { offset: 0, byteLength: Math.min(FIRST_BYTE_LENGTH, total) })
  refuseImpostor(first, name, contentType(response))
  const etag = response.headers.get('etag')
  const readRange = async (range: ByteRange): Promise<Uint8Array> => {
    const next = await request(options, range)
    const nextEtag = next.headers.get('etag')
    if (next.status !== 206 || totalOf(next) !== total || (etag && nextEtag && etag !== nextEtag)) {
      discard(next)
      throw new RwkvError(
        'file/network',
        `${options.url} changed while it was read (status ${next.status}; expected 206 for a file of ${total} bytes). Load the model again.`,
      )
    }
    return readPart(options, next, range)
  }
  const source: RemoteSource = {
    name,
    byteLength: total,
    etag: etag ?? undefined,
    async read(offset, byteLength) {
      checkRange(source, { offset, byteLength })
      const end = offset + byteLength
      if (byteLength === 0 || end <= first.length) return first.subarray(offset, end)
      if (offset >= first.length) return readRange({ offset, byteLength })
      const rest = await readRange({ offset: first.length, byteLength: end - first.length })
      return join(first.subarray(offset), rest)
    },
  }
  return source
}

/**
 * Turn many small reads in file order into few large ones: one window is kept, and a source is read as it is while it is
 * buffered. A read of more than half a window moves none: it is given as the source gives it, behind what the window has of it.
 * @param windowByteLength at least 1.
 */
export function withReadAhead(source: ByteSource, windowByteLength = WINDOW_BYTE_LENGTH): ByteSource {
  let window = { offset: 0, end: 0, bytes: Promise.resolve<Uint8Array>(new Uint8Array(0)) }

  /** What the window has is not read again. */
  const load = async (offset: number, end: number): Promise<Uint8Array> => {
    const { offset: start, end: stop, bytes } = window
    if (offset < start || offset >= stop) return source.read(offset, end - offset)
    const [kept, added] = await Promise.all([bytes, source.read(stop, end - stop)])
    return join(kept.subarray(offset - start), added)
  }
  const moveTo = (offset: number): void => {
    const end = Math.min(offset + windowByteLength, source.byteLength)
    const next = { offset, end, bytes: load(offset, end) }
    window = next
    next.bytes.catch(() => {
      if (window === next) window = { ...next, end: next.offset } // forget it, so that the next read asks again
    })
  }

  const ahead: ByteSource = {
    name: source.name,
    byteLength: source.byteLength,
    async read(offset, byteLength) {
      if (source.isBuffered) return source.read(offset, byteLength)
      checkRange(source, { offset, byteLength })
      const end = offset + byteLength
      if (offset < window.offset || end > window.end) {
        if (byteLength === 0 || byteLength > windowByteLength / 2) return load(offset, end)
        moveTo(offset)
      }
      const { offset: start, bytes } = window
      return (await bytes).subarray(offset - start, end - start)
    },
  }
  return ahead
}

/**
 * The text of a small file (vocabulary, model.json), decoded as UTF-8.
 * @throws RwkvError `file/not-weights` for a web page, a git-lfs pointer or bytes that are not UTF-8; `file/unsupported`
 * over 64 MiB; and all of `read`.
 */
export async function readText(source: ByteSource): Promise<string> {
  if (source.byteLength > TEXT_CAP) {
    const message = `${source.name} has ${source.byteLength} bytes; expected a text of at most ${TEXT_CAP}. Check that it is the right file.`
    throw new RwkvError('file/unsupported', message)
  }
  await source.prepare?.()
  const bytes = await source.read(0, source.byteLength)
  refuseImpostor(bytes, source.name)
  source.dispose?.()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const message = `${source.name} is not UTF-8 text; expected a text file. Check the address.`
    throw new RwkvError('file/not-weights', message, { cause })
  }
}

async function openWhole(options: UrlOptions, response: Response): Promise<RemoteSource> {
  const name = options.name ?? nameOf(options.url)
  const bytes = await readBody(options, response)
  refuseImpostor(bytes, name, contentType(response))
  return { ...createByteSource(name, bytes), etag: response.headers.get('etag') ?? undefined }
}

/** The body of a 206, which must be the whole of `range`. */
async function readPart(options: UrlOptions, response: Response, range: ByteRange): Promise<Uint8Array> {
  const contentRange = response.headers.get('content-range')
  const start = Number(/^bytes\s+(\d+)-/i.exec(contentRange ?? '')?.[1])
  const bytes = await readBody(options, response)
  if (start === range.offset && bytes.length === range.byteLength) return bytes
  const isShort = start === range.offset && bytes.length < range.byteLength
  throw new RwkvError(
    isShort ? 'file/truncated' : 'file/network',
    `${options.url} gave ${bytes.length} bytes for "${contentRange}"; expected ${range.byteLength} bytes from ${range.offset}. Try again.`,
  )
}

function contentType(response: Response): string {
  return response.headers.get('content-type') ?? ''
}

function nameOf(url: string): string {
  const last = url.replace(/[?#].*$/s, '').replace(/^.*\//s, '')
  try {
    return decodeURIComponent(last).slice(0, RECOGNIZE_BYTE_LENGTH) || url
  } catch {
    return last
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length)
  joined.set(left)
  joined.set(right, left.length)
  return joined
}

function checkRange({ name, byteLength }: ByteSource, range: ByteRange): void {
  const end = range.offset + range.byteLength
  if (range.offset >= 0 && range.byteLength >= 0 && Number.isSafeInteger(end) && end <= byteLength) return
  throw new RwkvError(
    'file/truncated',
    `${name} has ${byteLength} bytes; ${range.byteLength} bytes from ${range.offset} were wanted. Download it again.`,
  )
}
