import { describe, expect, test } from 'vitest'
import { CHUNK_BYTES } from '../../src/store/download.ts'
import { createStore, type Store } from '../../src/store/store.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'

const BYTES = new Uint8Array(CHUNK_BYTES + 1000).map((_, i) => (i * 7 + (i >> 11)) & 255)
const file = { url: 'https://a.test/m#q8', name: 'm in q8', model: 'm', origin: 'of m', byteLength: BYTES.length }

/** Write all but the last `left` bytes, in pieces that fit nothing. */
async function write(store: Store, { left = 0, origin = file.origin } = {}): Promise<void> {
  const derived = await store.derived({ ...file, origin })
  if (!derived || derived.source) throw new Error('expected to be asked for the bytes')
  const end = BYTES.length - left
  for (let at = 0; at < end; at += 3_000_001) await derived.append(BYTES.subarray(at, Math.min(at + 3_000_001, end)))
  derived.dispose()
}

/** Whether the bytes are there as they were written. */
async function isThere(store: Store, origin = file.origin): Promise<boolean> {
  const derived = await store.derived({ ...file, origin })
  try {
    const bytes = await derived?.source?.read(0, BYTES.length)
    return bytes !== undefined && Buffer.compare(bytes, BYTES) === 0
  } finally {
    derived?.dispose()
  }
}

function setUp() {
  const { disk, directory } = createFakeDirectory()
  return { disk, store: () => createStore({ open: async () => directory }) }
}

describe('what is made from a kept file', () => {
  test('is read back as it was written, listed with its model, and removed with it', async () => {
    const { disk, store } = setUp()
    await write(store())
    expect(await isThere(store())).toBe(true)
    expect(await store().list()).toMatchObject([{ model: 'm', storedByteLength: BYTES.length }])
    await store().remove('m')
    expect(await store().list()).toEqual([])
    expect(disk.used).toBe(0)
  })

  test('does not count before it is complete, and is swept away', async () => {
    const { disk, store } = setUp()
    await write(store(), { left: 1 })
    expect(await store().list()).toEqual([])
    expect(disk.used).toBe(0)
    expect(await isThere(store())).toBe(false)
  })

  test('does not count for another origin, and gives way to what is made of that', async () => {
    const { store } = setUp()
    await write(store())
    await write(store(), { origin: 'of a newer m' })
    expect(await isThere(store(), 'of a newer m')).toBe(true)
    expect(await isThere(store())).toBe(false)
  })

  test.each(['throw', 'nonsense'] as const)(
    'is not kept where there is no room (%s), and nothing fails',
    async (manner) => {
      const { disk, store } = setUp()
      Object.assign(disk, { quota: BYTES.length - 10, manner })
      await write(store())
      expect(disk.used).toBe(0)
      expect(await store().list()).toEqual([])
    },
  )

  test('is refused and goes, once damaged', async () => {
    const { disk, store } = setUp()
    await write(store())
    const data = [...disk.files].find(([path]) => path.endsWith('/data'))?.[1]
    data?.bytes.set([1, 2, 3], 5000)
    await expect(isThere(store())).rejects.toMatchObject({ code: 'store/corrupt', message: /m in q8.*Load again/ })
    expect(disk.used).toBe(0)
  })

  test('is not kept by two at once', async () => {
    const { store } = setUp()
    const [first, second] = [await store().derived(file), await store().derived(file)]
    expect(first).toBeDefined()
    expect(second).toBeUndefined()
    first?.dispose()
  })
})
