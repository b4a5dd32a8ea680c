/**
 * @file What is kept on this device: each file in a directory of its own, named by the hash of its address. A file counts as
 * kept only with its manifest, which is written last; before that there is a journal, and the download can go on from it.
 * Where the platform refuses to keep anything, files are read from the network and the user is told. Long, since all that
 * it does shares one directory and its locks.
 */

import { canonicalAddress } from '../core/address.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { StoredModel } from '../core/protocol.ts'
import { type ByteSource, openUrl, type RemoteSource } from '../file/byte-source.ts'
import type { RemoteFile } from '../file/folder.ts'
import { sha256Of, stampOf } from '../file/hash.ts'
import { readBody, request } from '../file/http.ts'
import { type Arriving, createArriving } from './arriving.ts'
import { createDerivedWriter, type Derived, type DerivedFile } from './derived.ts'
import { type Directory, openOpfsDirectory, type Writer, writeAll } from './directory.ts'
import { CHUNK_BYTES, download, type Journal, PATIENCE, type Patience } from './download.ts'
import {
  createJournalWriter,
  type Head,
  JOURNAL,
  MANIFEST,
  type Manifest,
  openWriter,
  readJournal,
  readManifest,
  readWhole,
  sayCause,
  unavailable,
  writeText,
} from './manifest.ts'
import { createStoredSource } from './stored-file.ts'
import { createTemporaryFile, type TemporaryFile } from './temporary-file.ts'

/** Who is told how a download goes. */
export interface StoreListener {
  report(step: { phase: 'download'; file: string; loaded: number; total: number }): void
  /** For the user, once. */
  notice(text: string): void
  /** The network was used for more than a look whether the file is still the same. */
  sawNetwork(): void
}

/** What `Store.open` takes. */
export interface StoreOpen {
  readonly file: RemoteFile
  /** What the file belongs to, for `list` and `remove`. */
  readonly model: string
  readonly fetch: typeof globalThis.fetch
  readonly signal?: AbortSignal | undefined
  readonly progress: StoreListener
}

/** Files kept on this device. */
export interface Store {
  /**
   * The kept copy if it is whole and still what the server has (or the server cannot be asked); else the file on the
   * server, which `prepare` fetches into the store: while it does, reads wait for what they want and then come from there.
   * @throws RwkvError as `openUrl`
   */
  open(options: StoreOpen): Promise<ByteSource>
  /** What was made from kept files, or a way to keep it while it is made; undefined where it cannot be kept. */
  derived(file: DerivedFile): Promise<Derived | undefined>
  /** The text that `ask` gives, kept for when it fails for want of a connection. */
  remember(url: string, ask: () => Promise<string>): Promise<string>
  /** What is kept, whole or in part; nothing where the platform keeps nothing. */
  list(): Promise<readonly StoredModel[]>
  /**
   * Remove a model and all its files, by any spelling of its address.
   * @throws RwkvError `store/not-found` if it is not kept, `store/busy` while it is read
   */
  remove(model: string): Promise<void>
  /**
   * A file for the time being. Where its owner ends without closing it, it goes when a store is next used.
   * @throws where the platform keeps nothing
   */
  openTemporaryFile(recordByteLength: number): Promise<TemporaryFile>
}

/** What `createStore` takes. */
export interface StoreOptions {
  /** Opens the directory to keep files in. */
  readonly open: () => Promise<Directory>
  /** `navigator.locks`, so that one tab downloads while others wait. */
  readonly locks?: LockManager | undefined
  /** Room in bytes, as far as the platform says. */
  readonly room?: (() => Promise<number | undefined>) | undefined
  readonly patience?: Patience | undefined
  readonly now?: () => number
}

const DATA = 'data'
const TEMPORARY_SHARE = 0.5 // of the room that is left: models and conversations need some too
const LOCK_PREFIX = 'rwkv-store:'

/**
 * The store in the browser's private file system; for workers. Nothing is touched before it is used.
 *
 * @example
 * ```ts
 * import { createEngine, createOpfsStore } from 'rwkv.js/engine'
 *
 * const engine = createEngine({ gpu: navigator.gpu, store: createOpfsStore() }) // in a worker of your own
 * const model = await engine.loadModel(new URL('/models/storyteller/', location.href))
 * console.log(model.info.warnings.length) // → 0
 * await engine.dispose()
 * ```
 */
export function createOpfsStore(): Store {
  return createStore({
    open: async () =>
      openOpfsDirectory(await (await navigator.storage.getDirectory()).getDirectoryHandle('rwkv', { create: true })),
    locks: globalThis.navigator?.locks,
    room: async () => {
      const { quota, usage } = await navigator.storage.estimate()
      return quota === undefined ? undefined : quota - (usage ?? 0)
    },
  })
}

/** A store over any directory. Leftovers that belong to nothing are removed when it is first used. */
export function createStore({
  open: openDirectory,
  locks,
  room,
  patience = PATIENCE,
  now = Date.now,
}: StoreOptions): Store {
  let opening: Promise<Directory> | undefined
  const root = (): Promise<Directory> => {
    opening ??= openDirectory()
      .then(async (directory) => {
        await sweep(directory)
        return directory
      })
      .catch((cause: unknown) => {
        opening = undefined // it may be allowed later
        throw unavailable(cause)
      })
    return opening
  }
  const keyOf = async (url: string): Promise<string> => (await sha256Of(new TextEncoder().encode(url))).slice(0, 32)

  /** Run `work` while no other tab writes this file. */
  const alone = async <T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    if (!locks) return work()
    return locks.request(`${LOCK_PREFIX}${key}`, { ...(signal && { signal }) }, work) as Promise<T>
  }

  /** Keep other tabs from taking this directory for a leftover. Returns what ends that. */
  const hold = (key: string): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const until = () => new Promise<void>((letGo) => resolve(letGo))
      if (locks) locks.request(`${LOCK_PREFIX}${key}`, {}, until).catch(reject)
      else void until()
    })

  async function sweep(directory: Directory): Promise<void> {
    for (const key of await directory.directories()) {
      const inside = await directory.directory(key)
      const isKnown = (await readManifest(inside)) ?? (await readJournal(inside))
      if (isKnown) continue
      if (!locks) await removeQuietly(directory, key)
      else {
        // Another tab may just have begun with it.
        await locks.request(`${LOCK_PREFIX}${key}`, { ifAvailable: true }, async (lock) => {
          if (lock) await removeQuietly(directory, key)
        })
      }
    }
  }

  function storedSource(
    key: string,
    manifest: Manifest,
    options: Pick<StoreOpen, 'file' | 'fetch' | 'signal'>,
  ): ByteSource {
    const inside = async () => (await root()).directory(key)
    const { url, model, chunks } = manifest
    const source = createStoredSource({
      name: manifest.name,
      byteLength: manifest.byteLength,
      chunks: manifest.chunks,
      async openReader() {
        const reader = await (await inside()).reader(DATA)
        if (reader) return reader
        throw new RwkvError('store/corrupt', `The copy of ${manifest.name} on this device is gone. Load it again.`)
      },
      repair: async (chunk) => {
        try {
          return await alone(key, options.signal, async () => repair(await inside(), manifest, chunk, options))
        } catch (cause) {
          options.signal?.throwIfAborted() // not tried to the end
          await removeQuietly(await root(), key)
          throw new RwkvError(
            'store/corrupt',
            `The copy of ${manifest.name} on this device was damaged and could not be mended; it was removed. Load the model again while there is a connection.`,
            { cause },
          )
        }
      },
    })
    return { ...source, kept: { url, model, version: chunks.join() } }
  }

  async function fetchWhole(
    key: string,
    remote: RemoteSource,
    { arriving, ...options }: StoreOpen & { readonly arriving: Arriving },
  ): Promise<Manifest> {
    const { file, model, signal, fetch, progress } = options
    const free = await room?.().catch(() => undefined)
    return alone(key, signal, async () => {
      const inside = await (await root()).directory(key)
      const earlier = await readManifest(inside)
      if (earlier && isSame(earlier, file, remote)) return earlier // another tab was faster
      await inside.remove(MANIFEST)
      const begun = await readJournal(inside)
      const isResumed = begun !== undefined && isSame(begun, file, remote)
      const missing = remote.byteLength - (isResumed ? begun.chunks.length * CHUNK_BYTES : 0)
      if (free !== undefined && missing > free) {
        throw new RwkvError(
          'store/quota',
          `There is no room on this device to keep ${file.name}: it needs ${sayBytes(missing)}, ${sayBytes(free)} are left for this page. Delete other models or free space.`,
        )
      }
      const head: Head = {
        version: 1,
        url: file.url,
        name: file.name,
        model,
        byteLength: remote.byteLength,
        etag: remote.etag,
        sha256: file.sha256,
        savedAt: now(),
      }
      const writer = await openWriter(inside, DATA, file.name)
      let lines: Writer | undefined
      const close = () => {
        arriving.close()
        lines?.close()
        writer.close()
      }
      try {
        lines = await openWriter(inside, JOURNAL, file.name)
        const journal: Journal = { byteLength: head.byteLength, etag: head.etag, chunks: isResumed ? begun.chunks : [] }
        const note = createJournalWriter(lines, head, journal)
        arriving.open(writer)
        const done = await download({
          file,
          fetch,
          signal,
          writer,
          journal,
          patience,
          onJournal(journal, last) {
            note(journal)
            arriving.advance(journal, last)
          },
          onProgress: (loaded, total) => progress.report({ phase: 'download', file: file.name, loaded, total }),
        })
        const manifest: Manifest = { ...head, byteLength: done.byteLength, etag: done.etag, chunks: done.chunks }
        await writeText(inside, MANIFEST, JSON.stringify(manifest))
        return manifest
      } catch (error) {
        if (
          isRwkvError(error, 'store/corrupt') ||
          isRwkvError(error, 'store/quota') ||
          isRwkvError(error, 'file/not-weights')
        ) {
          close()
          await removeQuietly(await root(), key)
        }
        throw error
      } finally {
        close()
      }
    })
  }

  return {
    async open(options) {
      const { file, fetch, signal, progress } = options
      let manifest: Manifest | undefined
      let key: string
      try {
        key = await keyOf(file.url)
        manifest = await readManifest(await (await root()).directory(key))
      } catch (cause) {
        progress.notice(unavailable(cause).message)
        progress.sawNetwork()
        return openUrl({ ...file, fetch, signal })
      }
      if (manifest && file.sha256 !== undefined && manifest.sha256 === file.sha256)
        return storedSource(key, manifest, options)

      let remote: RemoteSource
      try {
        remote = await openUrl({ ...file, fetch, signal })
      } catch (error) {
        signal?.throwIfAborted()
        if (manifest && isRwkvError(error, 'file/network')) return storedSource(key, manifest, options)
        throw error
      }
      if (manifest && isSame(manifest, file, remote)) return storedSource(key, manifest, options)
      progress.sawNetwork()
      let current: ByteSource = remote
      let arriving: Arriving | undefined
      return {
        name: file.name,
        byteLength: remote.byteLength,
        read: async (offset, byteLength) =>
          (await arriving?.read(offset, byteLength)) ?? current.read(offset, byteLength),
        async prepare() {
          const { name } = file
          arriving = createArriving({ name, byteLength: remote.byteLength, changed: () => changed(file) })
          try {
            const manifest = await fetchWhole(key, remote, { ...options, arriving })
            // The caller has read its table of tensors, which may be another now.
            if (!isSame(manifest, file, remote)) throw changed(file)
            current = storedSource(key, manifest, options)
            arriving.end()
          } catch (error) {
            // Whoever reads hears of it too, or goes on without a copy.
            const isOfTheFile =
              isRwkvError(error) && (!error.code.startsWith('store/') || error.code === 'store/corrupt')
            const failure = signal?.aborted ? signal.reason : isOfTheFile ? error : undefined
            arriving.end(failure)
            if (failure !== undefined) throw failure
            const isRefused = isRwkvError(error, 'store/unavailable')
            progress.notice(isRefused ? error.message : `${file.name} is not kept on this device: ${sayCause(error)}`)
          }
        },
        get isBuffered() {
          return (arriving?.isOpen || current.isBuffered) ?? false
        },
        get kept() {
          return current.kept
        },
        dispose: () => current.dispose?.(),
      }
    },

    async derived(file) {
      const { url, name, model, origin, byteLength } = file
      try {
        const key = await keyOf(url)
        const inside = await (await root()).directory(key)
        const drop = async () => removeQuietly(await root(), key)
        const manifest = await readManifest(inside)
        if (manifest?.sha256 === origin && manifest.byteLength === byteLength)
          return derivedSource(inside, manifest, drop)
        await inside.remove(MANIFEST)
        const head: Head = { version: 1, url, name, model, byteLength, etag: undefined, sha256: origin, savedAt: now() }
        return createDerivedWriter({
          file,
          writer: await openWriter(inside, DATA, name),
          complete: (chunks) => writeText(inside, MANIFEST, JSON.stringify({ ...head, chunks })),
          drop,
        })
      } catch {
        return undefined
      }
    },

    async remember(url, ask) {
      let text: string
      const inside = async () => (await root()).directory(await keyOf(url))
      try {
        text = await ask()
      } catch (error) {
        if (!isRwkvError(error, 'file/network')) throw error
        const kept = await inside()
          .then((directory) => readWhole(directory, 'text'))
          .catch(() => undefined)
        if (kept === undefined) throw error
        return kept
      }
      try {
        await writeText(await inside(), 'text', text)
        const head = { version: 1, url, name: '', model: '', byteLength: 0, savedAt: now(), chunks: [] }
        await writeText(await inside(), MANIFEST, JSON.stringify(head))
      } catch {
        // What cannot be kept is asked again next time.
      }
      return text
    },

    async list() {
      const directory = await root().catch(() => undefined)
      const models = new Map<string, StoredModel>()
      if (!directory) return []
      for (const key of await directory.directories()) {
        const inside = await directory.directory(key)
        const manifest = await readManifest(inside)
        const head = manifest ?? (await readJournal(inside))
        if (!head?.model) continue
        const { name, byteLength, savedAt } = head
        const model = canonicalAddress(head.model)
        const storedByteLength = manifest ? byteLength : Math.min(head.chunks.length * CHUNK_BYTES, byteLength)
        const files = [...(models.get(model)?.files ?? []), { name, byteLength, storedByteLength, savedAt }]
        const sum = (of: (file: (typeof files)[number]) => number) => files.reduce((total, file) => total + of(file), 0)
        models.set(model, {
          model,
          files,
          byteLength: sum((file) => file.byteLength),
          storedByteLength: sum((file) => file.storedByteLength),
        })
      }
      return [...models.values()]
    },

    async remove(model) {
      const directory = await root()
      const wanted = canonicalAddress(model)
      const others = new Set<string>()
      let isKept = false
      for (const key of await directory.directories()) {
        const inside = await directory.directory(key)
        const head = (await readManifest(inside)) ?? (await readJournal(inside))
        if (!head?.model) continue
        if (canonicalAddress(head.model) !== wanted) {
          others.add(head.model)
          continue
        }
        isKept = true
        await alone(key, undefined, () => directory.remove(key)).catch((cause) => {
          throw new RwkvError('store/busy', `${model} is being read, maybe in another tab. Remove it after that.`, {
            cause,
          })
        })
      }
      if (!isKept) throw notKept(wanted, [...others])
    },

    async openTemporaryFile(recordByteLength) {
      const directory = await root()
      const key = `temporary-${crypto.randomUUID()}`
      const letGo = await hold(key)
      try {
        const writer = await openWriter(await directory.directory(key), DATA, key)
        const remove = () => removeQuietly(directory, key).finally(letGo)
        const left = await room?.().catch(() => undefined)
        const mostByteLength = left && left * TEMPORARY_SHARE
        return createTemporaryFile({ writer, recordByteLength, mostByteLength, remove })
      } catch (error) {
        await removeQuietly(directory, key)
        letGo()
        throw error
      }
    },
  }
}

/** True where what is kept is what the server has, as far as can be told. */
function isSame(kept: Manifest, file: RemoteFile, remote: RemoteSource): boolean {
  if (file.sha256 !== undefined && kept.sha256 !== undefined) return kept.sha256 === file.sha256
  const isTagSame = kept.etag === undefined || remote.etag === undefined || kept.etag === remote.etag
  return isTagSame && kept.byteLength === remote.byteLength
}

function notKept(model: string, others: readonly string[]): RwkvError {
  const kept = others.length > 0 ? `those kept are ${others.join(', ').slice(0, 400)}` : 'none is'
  return new RwkvError('store/not-found', `The model ${model} is not kept on this device; ${kept}.`)
}

function changed({ url }: RemoteFile): RwkvError {
  return new RwkvError('file/network', `${url} changed while it was fetched. Load the model again.`)
}

/** A derived file that is there; one that is damaged goes, for it can be made again. */
function derivedSource(inside: Directory, { name, byteLength, chunks }: Manifest, drop: () => Promise<void>): Derived {
  const refuse = async (): Promise<never> => {
    await drop()
    throw new RwkvError('store/corrupt', `The copy of ${name} on this device was damaged; it was removed. Load again.`)
  }
  const openReader = async () => (await inside.reader(DATA)) ?? refuse()
  const source = createStoredSource({ name, byteLength, chunks, openReader, repair: refuse })
  return { source, dispose: () => source.dispose?.() }
}

/** Fetch one chunk again; it must be what it was. Where another tab reads the file, it is mended the next time. */
async function repair(
  inside: Directory,
  manifest: Manifest,
  chunk: number,
  { file, fetch, signal }: Pick<StoreOpen, 'file' | 'fetch' | 'signal'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const offset = chunk * CHUNK_BYTES
  const byteLength = Math.min(CHUNK_BYTES, manifest.byteLength - offset)
  const from = { url: file.url, fetch, headers: file.headers, signal }
  const response = await request(from, { offset, byteLength })
  const body = await readBody(from, response)
  const bytes = response.status === 200 ? body.slice(offset, offset + byteLength) : body
  if ((await stampOf(bytes)) !== manifest.chunks[chunk]) throw new Error('the server has another file now')
  const writer = await inside.writer(DATA).catch(() => undefined)
  try {
    if (writer) writeAll(writer, bytes, { at: offset, file: manifest.name })
  } finally {
    writer?.close()
  }
  return bytes
}

async function removeQuietly(directory: Directory, key: string): Promise<void> {
  await directory.remove(key).catch(() => {}) // another tab may have it open; it is cleared at the next start
}

function sayBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
