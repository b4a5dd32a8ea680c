/** @file A directory in memory with the manners of the browser's: one writer a file, and writes that come up short. */

import type { Directory, Reader, Writer } from '../../src/store/directory.ts'

interface FakeFile {
  bytes: Uint8Array<ArrayBuffer>
  byteLength: number
  isOpen: boolean
}

/** The disk behind it. */
export interface FakeDisk {
  /** Bytes that can be written in all. */
  quota: number
  /** What a write over the quota does: throw, or return a number that makes no sense. */
  manner: 'throw' | 'nonsense'
  readonly used: number
  /** Bytes that writers have read back. */
  readBack: number
  /** KEY/NAME -> file. */
  readonly files: Map<string, FakeFile>
}

/** An empty disk and its root. */
export function createFakeDirectory(): { disk: FakeDisk; directory: Directory } {
  const files = new Map<string, FakeFile>()
  const folders = new Set<string>()
  const disk: FakeDisk = {
    quota: Number.POSITIVE_INFINITY,
    manner: 'throw',
    readBack: 0,
    files,
    get used() {
      return [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    },
  }
  const at = (prefix: string): Directory => ({
    async directories() {
      const names = [...folders, ...files.keys()].filter(
        (path) => path.startsWith(prefix) && path.slice(prefix.length).includes('/'),
      )
      return [...new Set(names.map((path) => path.slice(prefix.length).split('/')[0]))]
    },
    async directory(name) {
      folders.add(`${prefix}${name}/`)
      return at(`${prefix}${name}/`)
    },
    async writer(name) {
      const path = prefix + name
      const file = files.get(path) ?? { bytes: new Uint8Array(0), byteLength: 0, isOpen: false }
      if (file.isOpen) throw new DOMException('another writer has it', 'NoModificationAllowedError')
      files.set(path, file)
      file.isOpen = true
      return writerOf(file, disk)
    },
    async reader(name): Promise<Reader | undefined> {
      const file = files.get(prefix + name)
      if (!file) return undefined
      return {
        byteLength: file.byteLength,
        read: async (offset, length) => file.bytes.slice(offset, Math.min(offset + length, file.byteLength)),
        close() {},
      }
    },
    async remove(name) {
      for (const [path, { isOpen }] of files) {
        if (isOpen && path.startsWith(`${prefix}${name}`))
          throw new DOMException('in use', 'NoModificationAllowedError')
      }
      for (const path of files.keys())
        if (path === prefix + name || path.startsWith(`${prefix}${name}/`)) files.delete(path)
      folders.delete(`${prefix}${name}/`)
    },
  })
  return { disk, directory: at('') }
}

function writerOf(file: FakeFile, disk: FakeDisk): Writer {
  const checkOpen = () => {
    if (!file.isOpen) throw new DOMException('the handle was closed', 'InvalidStateError')
  }
  return {
    read(target, { at }) {
      const part = file.bytes.subarray(at, Math.min(at + target.length, file.byteLength))
      target.set(part)
      disk.readBack += part.length
      return part.length
    },
    write(bytes, { at }) {
      checkOpen()
      const end = Math.max(file.byteLength, at + bytes.length)
      if (disk.used - file.byteLength + end > disk.quota) {
        if (disk.manner === 'throw') throw new DOMException('no room', 'QuotaExceededError')
        return 4_294_967_288
      }
      if (end > file.bytes.length) {
        const grown = new Uint8Array(Math.max(end, file.bytes.length * 2))
        grown.set(file.bytes)
        file.bytes = grown
      }
      file.bytes.set(bytes, at)
      file.byteLength = end
      return bytes.length
    },
    truncate(byteLength) {
      checkOpen()
      if (byteLength > file.byteLength)
        this.write(new Uint8Array(byteLength - file.byteLength), { at: file.byteLength })
      file.byteLength = byteLength
    },
    getSize: () => file.byteLength,
    flush() {},
    close() {
      file.isOpen = false
    },
  }
}
