/**
 * @file Files on this device, as the store needs them: the browser's private file system (OPFS) in a worker, or a fake in
 * tests. Writing is by sync access handles, which say how many bytes they took.
 */

import { RwkvError } from '../core/errors.ts'

/** A file open for writing, by one writer at a time. The methods are those of FileSystemSyncAccessHandle. */
export interface Writer {
  read(target: Uint8Array, options: { readonly at: number }): number
  /** May take fewer bytes than it is given, or say nonsense, where the quota is used up: compare the count. */
  write(bytes: Uint8Array, options: { readonly at: number }): number
  truncate(byteLength: number): void
  getSize(): number
  flush(): void
  close(): void
}

/** A file open for reading. */
export interface Reader {
  readonly byteLength: number
  read(offset: number, byteLength: number): Promise<Uint8Array<ArrayBuffer>>
  close(): void
}

/** A directory. */
export interface Directory {
  /** Names of the directories inside. */
  directories(): Promise<string[]>
  /** Opened, and made if need be. */
  directory(name: string): Promise<Directory>
  /** A file for writing, made if need be. @throws DOMException where another writer has it. */
  writer(name: string): Promise<Writer>
  /** Undefined if there is no such file. */
  reader(name: string): Promise<Reader | undefined>
  /** Remove a file or a directory with all that is in it; nothing happens if there is none. */
  remove(name: string): Promise<void>
}

/**
 * Write all of `bytes` and flush, or fail: browsers report a full disk by an exception or by a count that is too small.
 * @throws RwkvError `store/quota`.
 */
export function writeAll(writer: Writer, bytes: Uint8Array, { at, file }: { at: number; file: string }): void {
  let found: string
  let cause: unknown
  try {
    const count = writer.write(bytes, { at })
    writer.flush()
    if (count === bytes.length) return
    found = `${count} of ${bytes.length} bytes were written`
  } catch (error) {
    cause = error
    found = error instanceof Error ? error.message : String(error)
  }
  throw new RwkvError(
    'store/quota',
    `There is no room on this device to keep ${file}: ${found}. Delete other models or free space.`,
    { cause },
  )
}

/** A directory of the browser's private file system; for workers. */
export function openOpfsDirectory(handle: FileSystemDirectoryHandle): Directory {
  return {
    async directories() {
      const names: string[] = []
      for await (const [name, entry] of handle as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        if (entry.kind === 'directory') names.push(name)
      }
      return names
    },
    directory: async (name) => openOpfsDirectory(await handle.getDirectoryHandle(name, { create: true })),
    async writer(name) {
      const file = await handle.getFileHandle(name, { create: true })
      return (await file.createSyncAccessHandle()) as unknown as Writer
    },
    async reader(name) {
      const file = await handle.getFileHandle(name).catch(ifMissing)
      return file && openReader(file)
    },
    async remove(name) {
      await handle.removeEntry(name, { recursive: true }).catch(ifMissing)
    },
  }
}

/** A handle that several tabs may have at once, where the browser knows such; else the file as a Blob. */
async function openReader(file: FileSystemFileHandle): Promise<Reader> {
  const create = file.createSyncAccessHandle as (this: FileSystemFileHandle, options: object) => Promise<unknown>
  const handle = (await create.call(file, { mode: 'read-only' }).catch(() => undefined)) as Writer | undefined
  if (!handle) {
    const blob = await file.getFile()
    return {
      byteLength: blob.size,
      read: async (offset, byteLength) => new Uint8Array(await blob.slice(offset, offset + byteLength).arrayBuffer()),
      close() {},
    }
  }
  return {
    byteLength: handle.getSize(),
    async read(offset, byteLength) {
      const bytes = new Uint8Array(byteLength)
      return bytes.subarray(0, handle.read(bytes, { at: offset }))
    },
    close: () => handle.close(),
  }
}

function ifMissing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
  throw error
}
