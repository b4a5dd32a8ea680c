/**
 * @file Fetching a file into the store: in chunks that are hashed and written as they come, so that a download survives
 * cut connections, closed tabs and changed minds. What is on the device counts only as far as the journal says so.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import { backoff, pause } from '../core/pause.ts'
import type { RemoteFile } from '../file/folder.ts'
import { createStreamingHash, hex, type StreamingHash, stampOf } from '../file/hash.ts'
import { discard, type HttpFault, isEncoded, request, totalOf } from '../file/http.ts'
import { refuseImpostor } from '../file/recognize.ts'
import { type Writer, writeAll } from './directory.ts'

/** Bytes of a chunk: what is hashed, and fetched again, as one. */
export const CHUNK_BYTES = 8 * 1024 * 1024

/** What is known of a file that is being kept. */
export interface Journal {
  readonly byteLength: number
  readonly etag: string | undefined
  /** What each chunk that is written is known by, in order: see `stampOf`. */
  readonly chunks: readonly string[]
}

/** How long to wait, and for how long to try; for tests. */
export interface Patience {
  /** Tries without a byte of progress before giving up. */
  readonly attempts: number
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** A connection that gives nothing for this long counts as cut. */
  readonly stallMs: number
}

/** For people on trains. */
export const PATIENCE: Patience = { attempts: 6, firstDelayMs: 500, longestDelayMs: 30_000, stallMs: 30_000 }

/** What `download` takes. */
export interface DownloadOptions {
  readonly file: RemoteFile
  readonly fetch: typeof globalThis.fetch
  readonly signal?: AbortSignal | undefined
  readonly writer: Writer
  readonly journal: Journal
  /**
   * Called with what is found to be written, after a chunk is written and flushed, with that chunk, and when all are void
   * since the file changed.
   */
  readonly onJournal: (journal: Journal, last?: Uint8Array<ArrayBuffer>) => void
  /** Bytes of the file that are here, written or not. */
  readonly onProgress: (loaded: number, total: number) => void
  readonly patience: Patience
}

/**
 * Fetch what is missing of a file; resolves when all of it is written, with the final journal. Chunks already written are
 * hashed again first, and fetched again from the first damaged one on.
 * @throws RwkvError `file/network`, `file/not-found`, `file/not-weights`, `store/quota`, `store/corrupt` (its hash is not
 * the expected one); the signal's reason if aborted, what is written then stays.
 */
export async function download(options: DownloadOptions): Promise<Journal> {
  const { file, signal, patience, onJournal, onProgress } = options
  const state = await createState(options)
  let failures = 0
  let restarts = 0
  while (state.received() < state.journal.byteLength) {
    signal?.throwIfAborted()
    const before = state.received()
    try {
      await fetchOn(options, state)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof Changed) {
        restarts++
        if (restarts > 2) throw changesTooOften(file)
        await state.restart(error.byteLength, error.etag)
        onJournal(state.journal)
        continue
      }
      if (!isPassing(error)) throw error
      failures = state.received() > before ? 0 : failures + 1
      if (failures >= patience.attempts) throw error
      await pause(delayOf(error, failures, patience), signal)
    }
    onProgress(state.received(), state.journal.byteLength)
  }
  await state.finish()
  return state.journal
}

/** The server has another file now. */
class Changed extends Error {
  readonly byteLength: number
  readonly etag: string | undefined
  constructor(byteLength: number, etag: string | undefined) {
    super('changed')
    this.byteLength = byteLength
    this.etag = etag
  }
}

interface State {
  readonly journal: Journal
  /** Bytes from the start that are here. */
  received(): number
  take(bytes: Uint8Array): Promise<void>
  /** For an answer that ends early: what is here so far must not be a page or a pointer in the file's place. */
  refuseImpostor(): void
  restart(byteLength: number, etag: string | undefined): Promise<void>
  finish(): Promise<void>
}

async function createState({
  file,
  writer,
  journal: begun,
  onJournal,
  signal,
  onProgress,
}: DownloadOptions): Promise<State> {
  let journal = begun
  let whole: StreamingHash | undefined
  let buffer = new Uint8Array(0)
  let filled = 0
  const newHash = async () => {
    whole = file.sha256 === undefined ? undefined : await createStreamingHash()
  }
  const lengthOf = (chunk: number) => Math.min(CHUNK_BYTES, journal.byteLength - chunk * CHUNK_BYTES)

  await newHash()
  const kept: string[] = []
  for (const expected of begun.chunks) {
    signal?.throwIfAborted()
    const bytes = new Uint8Array(lengthOf(kept.length))
    const count = writer.read(bytes, { at: kept.length * CHUNK_BYTES })
    if (count !== bytes.length || (await stampOf(bytes)) !== expected) break
    whole?.update(bytes)
    kept.push(expected)
    onProgress(Math.min(kept.length * CHUNK_BYTES, journal.byteLength), journal.byteLength)
  }
  journal = { ...journal, chunks: kept }
  onJournal(journal)

  return {
    get journal() {
      return journal
    },
    received: () => Math.min(journal.chunks.length * CHUNK_BYTES + filled, journal.byteLength),
    async take(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const wanted = lengthOf(journal.chunks.length)
        if (wanted <= 0) throw new Changed(journal.byteLength, undefined)
        if (buffer.length !== wanted) buffer = new Uint8Array(wanted)
        const part = bytes.subarray(at, at + wanted - filled)
        buffer.set(part, filled)
        filled += part.length
        at += part.length
        if (filled < wanted) continue
        if (journal.chunks.length === 0) refuseImpostor(buffer, file.name)
        const chunk = await stampOf(buffer)
        writeAll(writer, buffer, { at: journal.chunks.length * CHUNK_BYTES, file: file.name })
        whole?.update(buffer)
        journal = { ...journal, chunks: [...journal.chunks, chunk] }
        const written = buffer
        buffer = new Uint8Array(0) // whoever reads has the other
        filled = 0
        onJournal(journal, written)
      }
    },
    refuseImpostor() {
      if (journal.chunks.length === 0) refuseImpostor(buffer.subarray(0, filled), file.name)
    },
    async restart(byteLength, etag) {
      journal = { byteLength, etag, chunks: [] }
      filled = 0
      buffer = new Uint8Array(0)
      writer.truncate(0)
      await newHash()
    },
    async finish() {
      writer.truncate(journal.byteLength)
      writer.flush()
      const found = whole && hex(whole.digest())
      if (found === file.sha256) return
      throw new RwkvError(
        'store/corrupt',
        `${file.name} has SHA-256 ${found} after its download; expected ${file.sha256}. It was thrown away; load it again.`,
      )
    },
  }
}

/** One request for all that is missing, until it ends or breaks off. */
async function fetchOn({ file, fetch, signal, patience, onProgress }: DownloadOptions, state: State): Promise<void> {
  const { journal } = state
  const offset = state.received()
  const stalled = new AbortController()
  let aliveAt = performance.now()
  const isStalled = () => performance.now() - aliveAt >= patience.stallMs
  const timer = setInterval(() => isStalled() && stalled.abort(), patience.stallMs / 4)
  const bounded = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])])
  try {
    // A strong ETag makes the server decide; where a hash is known that decides, without the preflight that If-Range costs.
    const guard = offset > 0 && file.sha256 === undefined && journal.etag && !journal.etag.startsWith('W/')
    const headers = { ...file.headers, ...(guard && { 'If-Range': journal.etag }) } as Record<string, string>
    const response = await request(
      { url: file.url, fetch, headers, signal: bounded },
      { offset, byteLength: journal.byteLength - offset },
    )
    checkAnswer(response, offset, journal, file)
    if (!response.body) throw broken(file, 'it has no body')
    const reader = response.body.getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw broken(file, cause)
        })
        aliveAt = performance.now()
        if (done) break
        await state.take(value)
        onProgress(state.received(), state.journal.byteLength)
      }
    } finally {
      reader.cancel().catch(() => {})
    }
    if (state.received() < state.journal.byteLength) {
      state.refuseImpostor()
      throw broken(file, 'it ended early')
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw stalled.signal.aborted ? broken(file, `nothing came for ${patience.stallMs / 1000} s`) : error
  } finally {
    clearInterval(timer)
  }
}

/** The answer must be the rest of the file we began with. */
function checkAnswer(response: Response, offset: number, journal: Journal, file: RemoteFile): void {
  const etag = response.headers.get('etag') ?? undefined
  const total = totalOf(response)
  if (response.status === 206) {
    const start = Number(/^bytes\s+(\d+)-/i.exec(response.headers.get('content-range') ?? '')?.[1] ?? offset)
    const isSame =
      (total ?? journal.byteLength) === journal.byteLength && !(etag && journal.etag && etag !== journal.etag)
    if (isSame && start === offset) return
    discard(response)
    if (isSame) throw broken(file, `it begins at byte ${start}; expected ${offset}`)
    throw new Changed(total ?? journal.byteLength, etag)
  }
  const declared = isEncoded(response) ? null : response.headers.get('content-length')
  const length = Number(declared ?? journal.byteLength)
  if (response.status === 200 && offset === 0 && length === journal.byteLength) return
  discard(response)
  throw new Changed(response.status === 416 ? (total ?? journal.byteLength) : length, etag)
}

function broken(file: RemoteFile, cause: unknown): RwkvError {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new RwkvError(
    'file/network',
    `The answer from ${file.url} broke off: ${said}. Load again to go on from there.`,
    {
      cause,
    },
  )
}

function changesTooOften(file: RemoteFile): RwkvError {
  return new RwkvError(
    'file/network',
    `${file.url} changed again and again while it was fetched, or its server does not say its length rightly. Try again later.`,
  )
}

/** Faults that may be over in a moment. */
function isPassing(error: unknown): boolean {
  if (!isRwkvError(error, 'file/network') && !isRwkvError(error, 'file/truncated')) return false
  const { status } = (error.cause ?? {}) as Partial<HttpFault>
  return status === undefined || status === 408 || status === 429 || status >= 500
}

function delayOf(error: unknown, failures: number, { firstDelayMs, longestDelayMs }: Patience): number {
  const { retryAfterMs } = ((error as RwkvError).cause ?? {}) as Partial<HttpFault>
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, longestDelayMs)
  return backoff(failures, firstDelayMs, longestDelayMs)
}
