/**
 * @file From the source of a model to everything the engine needs before weights move: tables of tensors, sizes, tokenizer;
 * and the fetching of what is to be kept. The order matters: what can be refused is refused before anything large is
 * fetched.
 */

import { RwkvError } from '../core/errors.ts'
import type { GivenBytes } from '../core/given-bytes.ts'
import type { LoadOptions, ModelSource } from '../core/protocol.ts'
import { type ByteSource, openUrl } from '../file/byte-source.ts'
import type { OpenRemote } from '../file/folder.ts'
import { sha256Of } from '../file/hash.ts'
import { nameOfSource, type OpenedSource, type OpenSourceOptions, openSource } from '../file/sources.ts'
import type { Architecture } from '../forward/architecture.ts'
import { type ModelFiles, openModelFiles } from '../model/open-files.ts'
import { type FoundTokenizer, findTokenizer } from '../model/tokenizer.ts'
import type { Derived } from '../store/derived.ts'
import type { Store, StoreListener } from '../store/store.ts'
import type { ProgressReporter } from './progress.ts'

/** A model ready to be brought to the GPU. The caller disposes it after that. */
export interface OpenedModel extends ModelFiles<Architecture> {
  /** Comes later than the rest. @throws RwkvError as `findTokenizer` */
  readonly found: Promise<FoundTokenizer>
  /** True if all of it is kept on this device. */
  readonly isHere: boolean
  /** Fetch into the store what is to be kept and is not there yet, once the tokenizer is found to fit. */
  prepare(): Promise<void>
  /** Whether weights can be read while `prepare` fetches them: where it is one file, for others wait in a queue. */
  readonly isReadAsItArrives: boolean
  /**
   * What is made from the weights, `origin` says how, kept beside them; undefined unless all of them are kept. Ask after
   * `prepare`.
   */
  derived(made: { kind: string; origin: string; byteLength: number }): Promise<Derived | undefined>
  /** A file that belongs to the model, also after `dispose`; it is kept with the model. `name`: of the option it was given as. */
  openBeside(name: string, file: string | URL | GivenBytes): Promise<ByteSource>
  dispose(): void
}

/** What `openModel` takes. */
export interface OpenModel {
  readonly source: ModelSource
  readonly options: LoadOptions
  /** The versions that it may be of. */
  readonly architectures: readonly Architecture[]
  readonly fetch: typeof globalThis.fetch
  /** Undefined keeps nothing. */
  readonly store: Store | undefined
  readonly progress: ProgressReporter
}

/**
 * Open a model without reading its weights.
 * @throws RwkvError `file/…`, `model/…`, `hub/…`; nothing stays open.
 */
export async function openModel(parts: OpenModel): Promise<OpenedModel> {
  const { source, options, architectures, fetch, store, progress } = parts
  const { signal } = options
  const model = nameOfSource(source)
  progress.report({ phase: 'open', file: model, loaded: 0, total: 0 })
  const list = store && ((url: string, ask: () => Promise<string>) => store.remember(url, ask))
  const placeFor = (listener: StoreListener, signal?: AbortSignal): OpenSourceOptions => {
    const { signal: _, ...access } = options
    const openRemote: OpenRemote = (file) => {
      const request = { file, fetch, signal, progress: listener, model }
      // What is in memory already has no address that would find its copy again.
      if (store && !/^(blob|data):/i.test(file.url)) return store.open(request)
      listener.sawNetwork()
      return openUrl({ url: file.url, name: file.name, fetch, headers: file.headers, signal })
    }
    return { ...access, fetch, openRemote, list, ...(signal && { signal }) }
  }
  const place = placeFor(progress, signal)
  const { folder, file } = await openSource(source, place)
  const files = await openModelFiles(folder, architectures, file)
  const findOwn = async () =>
    findTokenizer({
      folder,
      description: files.description,
      V: files.config.V,
      checkpoint: files.checkpoint,
      chosen:
        options.vocabulary === undefined
          ? undefined
          : await openFile('vocabulary', await openSource(options.vocabulary, place)),
      openPinned: async (pinned, timeout) => {
        const bounded = AbortSignal.any([timeout, ...(signal ? [signal] : [])])
        const request = { file: pinned, fetch, signal: bounded, progress, model: pinned.url }
        if (store) return store.open(request)
        return verified(await openUrl({ url: pinned.url, name: pinned.name, fetch, signal: bounded }), pinned.sha256)
      },
    })
  const found = findOwn()
  found.catch(() => {}) // whoever needs it asks
  return {
    ...files,
    found,
    isHere: files.sources.every(({ kept }) => kept),
    async openBeside(name, file) {
      const opened = await openFile(name, await openSource(file, placeFor(unheard)))
      await opened.prepare?.()
      return opened
    },
    isReadAsItArrives: files.sources.filter(({ prepare }) => prepare).length < 2,
    async prepare() {
      await found
      for (const open of files.sources) await open.prepare?.()
    },
    async derived({ kind, origin, byteLength }) {
      const kept = files.sources.map((open) => open.kept)
      const [first] = kept
      if (!store || !first || kept.includes(undefined)) return undefined
      const versions = kept.map((one) => one?.version).join()
      return store.derived({
        url: `${first.url}#${kind}`,
        name: `${files.checkpoint.file} in ${kind}`,
        model: first.model,
        origin: await sha256Of(new TextEncoder().encode(`${origin} ${versions}`)),
        byteLength,
      })
    },
    dispose() {
      for (const open of files.sources) open.dispose?.()
    },
  }
}

/** The file that was given as the option `name`. */
function openFile(name: string, { folder, file }: OpenedSource): Promise<ByteSource> {
  if (file !== undefined) return folder.open(file)
  throw new RwkvError(
    'option/invalid',
    `${name} is ${folder.name}; expected the address of a file, or the file itself.`,
  )
}

/** After the load nobody listens. */
const unheard: StoreListener = { report() {}, notice() {}, sawNetwork() {} }

/** The source, whose bytes must have this hash: for small files that are not kept. */
async function verified(source: ByteSource, sha256: string | undefined): Promise<ByteSource> {
  const bytes = await source.read(0, source.byteLength)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (sha256 === undefined || found === sha256) return source
  throw new RwkvError(
    'store/corrupt',
    `${source.name} has SHA-256 ${found}; expected ${sha256}. Take the file from its source and choose it by hand.`,
  )
}
