/**
 * @file Models from files of the reader's that the browser keeps for this page, in its private file system: each in a
 * folder of its own, with a list of its files that is written last, so that half a copy is none.
 */

/** One of them. */
export interface KeptModel {
  readonly id: string
  /** In the order in which they were given. */
  readonly files: readonly { readonly name: string; readonly size: number }[]
}

const FOLDER = 'rwkv.js own models'
const LIST = 'kept.json'
const FILES = 'files'

/** Whether this browser can keep files that a page writes. */
export const canKeep = (): boolean =>
  typeof FileSystemFileHandle !== 'undefined' && 'createWritable' in FileSystemFileHandle.prototype

const open = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true })

/** What all of them are known by: their files' names and sizes. */
export const nameOfFiles = (files: KeptModel['files']): string =>
  files.map(({ name, size }) => `${name} (${size})`).join(', ')

/** All that are kept. Rejects where the browser keeps nothing. */
export async function listKept(): Promise<KeptModel[]> {
  const folder = await open()
  const found: KeptModel[] = []
  for await (const id of folder.keys()) {
    const kept = await readList(folder, id)
    if (kept) found.push(kept)
  }
  return found
}

/** The files of a model, to be opened; undefined if it is not kept. */
export async function openKept(id: string): Promise<readonly File[] | undefined> {
  const folder = await open()
  const kept = await readList(folder, id)
  if (!kept) return undefined
  const files = await (await folder.getDirectoryHandle(id)).getDirectoryHandle(FILES)
  return Promise.all(kept.files.map(async ({ name }) => (await files.getFileHandle(name)).getFile()))
}

/** What `keepModel` is told, and tells. */
export interface Keeping {
  readonly signal: AbortSignal
  readonly onProgress: (byteLength: number) => void
}

/** Copy `files`. @throws DOMException where there is no room, or the signal's reason; then nothing of them stays. */
export async function keepModel(files: readonly File[], { signal, onProgress }: Keeping): Promise<KeptModel> {
  const folder = await open()
  const id = crypto.randomUUID()
  try {
    const own = await folder.getDirectoryHandle(id, { create: true })
    const target = await own.getDirectoryHandle(FILES, { create: true })
    let written = 0
    const counting = () =>
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(bytes, to) {
          written += bytes.byteLength
          onProgress(written)
          to.enqueue(bytes)
        },
      })
    for (const file of files) {
      const handle = await target.getFileHandle(file.name, { create: true })
      await file
        .stream()
        .pipeThrough(counting())
        .pipeTo(await handle.createWritable(), { signal })
    }
    const kept = files.map(({ name, size }) => ({ name, size }))
    const list = await (await own.getFileHandle(LIST, { create: true })).createWritable()
    await list.write(JSON.stringify(kept))
    await list.close()
    return { id, files: kept }
  } catch (error) {
    await removeKept(id).catch(() => {})
    throw error
  }
}

/** Remove a model; nothing happens if there is none. */
export async function removeKept(id: string): Promise<void> {
  const folder = await open()
  await folder.removeEntry(id, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
  })
}

async function readList(folder: FileSystemDirectoryHandle, id: string): Promise<KeptModel | undefined> {
  try {
    const own = await folder.getDirectoryHandle(id)
    const list = await (await own.getFileHandle(LIST)).getFile()
    const files: unknown = JSON.parse(await list.text())
    return Array.isArray(files) ? { id, files: files as KeptModel['files'] } : undefined
  } catch {
    return undefined // half a copy
  }
}
