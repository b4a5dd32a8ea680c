import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Directory } from '../../src/store/directory.ts'
import { createStore } from '../../src/store/store.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { createLocks } from '../tools/fake-locks.ts'

const LENGTH = 12
const record = (seed: number) => Uint8Array.from({ length: LENGTH }, (_, i) => seed * 7 + i)
const storeOver = (directory: Directory, locks?: LockManager) => createStore({ open: async () => directory, locks })

describe('records in a temporary file', () => {
  test('whatever is put and freed, each is read back as it was, and the file is as long as its last record', async () => {
    const law = fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 60 }), async (moves) => {
      const { disk, directory } = createFakeDirectory()
      const temporaryFile = await storeOver(directory).openTemporaryFile(LENGTH)
      const held = new Map<number, number>()
      for (const [seed, move] of moves.entries()) {
        const places = [...held.keys()]
        if (move < 6 || places.length === 0) held.set(temporaryFile.put(record(seed)), seed)
        else {
          const place = places[move % places.length]
          temporaryFile.free(place)
          held.delete(place)
        }
        for (const [place, seed] of held) expect(temporaryFile.get(place)).toEqual(record(seed))
        expect(disk.used).toBe(Math.max(0, ...[...held.keys()].map((place) => (place + 1) * LENGTH)))
      }
      await temporaryFile.close()
      expect(disk.files.size).toBe(0)
    })
    await fc.assert(law, { numRuns: 50 })
  })

  test.each(['throw', 'nonsense'] as const)(
    'a disk that is full (%s) is told, and what was written stays; freed room is used',
    async (manner) => {
      const { disk, directory } = createFakeDirectory()
      const temporaryFile = await storeOver(directory).openTemporaryFile(LENGTH)
      disk.quota = 2.5 * LENGTH
      disk.manner = manner
      const first = temporaryFile.put(record(1))
      const second = temporaryFile.put(record(2))
      expect(() => temporaryFile.put(record(3))).toThrow(expect.objectContaining({ code: 'store/quota' }))
      temporaryFile.free(first)
      expect(temporaryFile.put(record(4))).toBe(first)
      expect(temporaryFile.get(first)).toEqual(record(4))
      expect(temporaryFile.get(second)).toEqual(record(2))
      await temporaryFile.close()
      await temporaryFile.close()
    },
  )

  test('a file that was cut behind our back is told, not read as zeros', async () => {
    const { disk, directory } = createFakeDirectory()
    const temporaryFile = await storeOver(directory).openTemporaryFile(LENGTH)
    const place = temporaryFile.put(record(1))
    for (const file of disk.files.values()) file.byteLength = 5
    expect(() => temporaryFile.get(place)).toThrow(expect.objectContaining({ code: 'store/corrupt' }))
  })
})

describe('temporary files that nobody closed', () => {
  test('go when a store is next used; those of other tabs stay, and none is listed as a model', async () => {
    const { disk, directory } = createFakeDirectory()
    const locks = createLocks()
    const dead = await storeOver(directory, createLocks()).openTemporaryFile(LENGTH) // its locks ended with its tab
    dead.put(record(1))
    const living = await storeOver(directory, locks).openTemporaryFile(LENGTH)
    const place = living.put(record(2))
    for (const file of disk.files.values()) file.isOpen = false // the lock alone must do

    const store = storeOver(directory, locks)
    expect(await store.list()).toEqual([])
    expect(disk.used).toBe(LENGTH)
    expect(living.get(place)).toEqual(record(2))
    await living.close()
    expect(disk.used).toBe(0)
  })

  test('where the platform keeps nothing there is none, and nothing is left over', async () => {
    const refuse = async () => Promise.reject(new DOMException('no storage here', 'SecurityError'))
    await expect(createStore({ open: refuse }).openTemporaryFile(LENGTH)).rejects.toMatchObject({
      code: 'store/unavailable',
    })
    const { disk, directory } = createFakeDirectory()
    const shut: Directory = {
      ...directory,
      directory: async (name) => ({ ...(await directory.directory(name)), writer: refuse }),
    }
    const locks = createLocks()
    await expect(storeOver(shut, locks).openTemporaryFile(LENGTH)).rejects.toMatchObject({ code: 'store/unavailable' })
    expect([...disk.files]).toEqual([])
    expect(await directory.directories()).toEqual([])
  })
})
