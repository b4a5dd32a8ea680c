import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { RemoteFile } from '../../src/file/folder.ts'
import type { Directory } from '../../src/store/directory.ts'
import { CHUNK_BYTES } from '../../src/store/download.ts'
import { createStore, type Store, type StoreOpen } from '../../src/store/store.ts'
import { createFakeDirectory, type FakeDisk } from '../tools/fake-directory.ts'
import { createLocks } from '../tools/fake-locks.ts'
import { startHubServer } from '../tools/hub-server.mjs'

const BYTES = new Uint8Array(2.5 * CHUNK_BYTES).map((_, i) => (i * 7 + (i >> 11)) & 255)
const SHA256 = createHash('sha256').update(BYTES).digest('hex')
const OTHER = BYTES.map((byte) => byte ^ 1)
const PATIENCE = { attempts: 3, firstDelayMs: 1, longestDelayMs: 5, stallMs: 2000 }

type Server = Awaited<ReturnType<typeof startHubServer>>
let server: Server | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const serve = async (): Promise<Server> => {
  server = await startHubServer({ repository: 'a/b', files: [{ path: 'm.pth', parts: [BYTES] }] })
  return server
}
const plainFile = (from: Server): RemoteFile => ({ url: from.fileUrl('m.pth'), name: 'm.pth' })
const hashedFile = (from: Server): RemoteFile => ({ ...plainFile(from), byteLength: BYTES.length, sha256: SHA256 })

interface Told {
  readonly steps: number[]
  readonly notices: string[]
  network: number
}

/** A store over a fake disk, and a way to open files in it. */
function setUp(directory: Directory, options: Partial<Parameters<typeof createStore>[0]> = {}) {
  const store = createStore({ open: async () => directory, patience: PATIENCE, ...options })
  const told: Told = { steps: [], notices: [], network: 0 }
  const open = (file: RemoteFile, more: Partial<StoreOpen> = {}) =>
    store.open({
      file,
      model: 'model',
      fetch,
      progress: {
        report: ({ loaded }) => told.steps.push(loaded),
        notice: (text) => told.notices.push(text),
        sawNetwork: () => told.network++,
      },
      ...more,
    })
  return { store, open, told }
}

const fetchWhole = async (open: ReturnType<typeof setUp>['open'], file: RemoteFile): Promise<Uint8Array> => {
  const source = await open(file)
  await source.prepare?.()
  const bytes = await source.read(0, source.byteLength)
  source.dispose?.()
  return bytes
}
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const dataOf = (disk: FakeDisk) => [...disk.files].find(([path]) => path.endsWith('/data'))?.[1]
const sentBy = (from: Server) => from.state.served.reduce((sum, { sent }) => sum + sent, 0)

describe('a file in the store', () => {
  test.each([
    ['with a hash', hashedFile],
    ['without one', plainFile],
  ])('%s is fetched once, read back the same, and then read without the network', async (_, fileOf) => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const first = setUp(directory)
    expect(hashOf(await fetchWhole(first.open, fileOf(from)))).toBe(SHA256)
    expect(first.told.steps.at(-1)).toBe(BYTES.length)
    expect(first.told.steps).toEqual(first.told.steps.toSorted((a, b) => a - b))

    const again = setUp(directory)
    const before = sentBy(from)
    expect(hashOf(await fetchWhole(again.open, fileOf(from)))).toBe(SHA256)
    expect(again.told).toMatchObject({ network: 0, notices: [] })
    expect(sentBy(from) - before).toBeLessThan(300_000) // a look whether it is still the same
  })

  test('any part of it reads as the bytes of the file', async () => {
    const from = await serve()
    const { open } = setUp(createFakeDirectory().directory)
    const source = await open(hashedFile(from))
    await source.prepare?.()
    const part = fc.tuple(fc.nat(BYTES.length), fc.oneof(fc.nat(300_000), fc.nat(BYTES.length)))
    const law = fc.asyncProperty(part, async ([offset, wanted]) => {
      const length = Math.min(wanted, BYTES.length - offset)
      expect(Buffer.compare(await source.read(offset, length), BYTES.subarray(offset, offset + length))).toBe(0)
    })
    await fc.assert(law, { numRuns: 40 })
  })

  test('without a connection the kept copy is used', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const file = plainFile(from)
    await fetchWhole(setUp(directory).open, file)
    await from.close()
    const { open, told } = setUp(directory)
    expect(hashOf(await fetchWhole(open, file))).toBe(SHA256)
    expect(told.network).toBe(0)
  })

  test('a file that has changed on the server is fetched again', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, plainFile(from))
    from.state.fault = () => ({ etag: '"new"', body: OTHER })
    expect(hashOf(await fetchWhole(setUp(directory).open, plainFile(from)))).toBe(hashOf(OTHER))
  })

  test('a file that changes between its opening and its fetching is refused, and is the new one the next time', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const source = await setUp(directory).open(plainFile(from))
    from.state.fault = () => ({ etag: '"new"', body: OTHER })
    await expect(source.prepare?.()).rejects.toMatchObject({
      code: 'file/network',
      message: expect.stringMatching(/changed while/),
    })
    expect(hashOf(await fetchWhole(setUp(directory).open, plainFile(from)))).toBe(hashOf(OTHER))
  })

  test('an answer that is compressed on its way counts by its own bytes', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '60' } // of what `fetch` has unpacked
    const compressed = async () => new Response(new Uint8Array(2000).fill(65), { headers })
    const { open } = setUp(createFakeDirectory().directory)
    const source = await open({ url: 'https://host/vocabulary.txt', name: 'vocabulary.txt' }, { fetch: compressed })
    await source.prepare?.()
    expect(source.kept).toBeDefined()
    expect((await source.read(0, 2000)).every((byte) => byte === 65)).toBe(true)
  })

  test('is listed with its size and removed by its model', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    const { open, store } = setUp(directory)
    await fetchWhole(open, hashedFile(from))
    expect(await store.list()).toMatchObject([
      { model: 'model', byteLength: BYTES.length, storedByteLength: BYTES.length, files: [{ name: 'm.pth' }] },
    ])
    await expect(store.remove('another')).rejects.toMatchObject({
      code: 'store/not-found',
      message: expect.stringMatching(/another is not kept on this device; those kept are model\./),
    })
    expect(await store.list()).toHaveLength(1)
    await store.remove('model')
    expect(await store.list()).toEqual([])
    expect(disk.used).toBe(0)
    await expect(store.remove('model')).rejects.toThrow('not kept on this device; none is.')
  })

  test('is listed and removed by one address, by whichever it was fetched', async () => {
    const from = await serve()
    const link = 'https://huggingface.co/o/r/blob/main/m.pth'
    const { open, store } = setUp(createFakeDirectory().directory)
    for (const address of [link, 'hf:o/r/m.pth', 'hf:o/r/resolve/main/m.pth']) {
      await fetchWhole((file) => open(file, { model: link }), hashedFile(from))
      expect((await store.list()).map(({ model }) => model)).toEqual(['hf:o/r/m.pth'])
      await store.remove(address)
      expect(await store.list()).toEqual([])
    }
  })

  test('cannot be removed while it is in use, and says so', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    const { open, store } = setUp(directory)
    await fetchWhole(open, hashedFile(from))
    const data = dataOf(disk)
    if (!data) throw new Error('no data')
    data.isOpen = true
    await expect(store.remove('model')).rejects.toMatchObject({ code: 'store/busy' })
    expect(await store.list()).toHaveLength(1)
  })

  test('two that want it at once fetch it once', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const locks = createLocks()
    const [one, two] = [setUp(directory, { locks }), setUp(directory, { locks })]
    const both = await Promise.all([fetchWhole(one.open, hashedFile(from)), fetchWhole(two.open, hashedFile(from))])
    expect(both.map(hashOf)).toEqual([SHA256, SHA256])
    expect(sentBy(from)).toBeLessThan(BYTES.length + 1_000_000)
  })
})

describe('a download survives', () => {
  test('a connection cut at 20 random offsets: the hash is equal, and at most a chunk a cut is fetched twice', async () => {
    const from = await serve()
    let cuts = 20
    from.state.fault = ({ byteLength }) =>
      byteLength > 300_000 && cuts-- > 0
        ? { cutAfter: Math.floor(Math.random() * Math.min(byteLength, 900_000)) }
        : undefined
    const { open } = setUp(createFakeDirectory().directory, { patience: { ...PATIENCE, attempts: 25 } })
    expect(hashOf(await fetchWhole(open, hashedFile(from)))).toBe(SHA256)
    expect(cuts).toBeLessThan(0)
    expect(sentBy(from)).toBeLessThan(BYTES.length + 20 * CHUNK_BYTES)
  }, 60_000)

  test.each([
    ['with a hash', hashedFile],
    ['without one', plainFile],
  ])('being stopped in the middle %s: it goes on from the last whole chunk', async (_, fileOf) => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const stop = new AbortController()
    const { open, store, told } = setUp(directory)
    const source = await open(fileOf(from), { signal: stop.signal })
    const reason = new Error('later')
    from.state.fault = ({ offset }) => (offset === 0 ? { cutAfter: 1.2 * CHUNK_BYTES } : { delayMs: 10_000 })
    const stopping = setInterval(() => (told.steps.at(-1) ?? 0) > CHUNK_BYTES && stop.abort(reason), 5)
    await expect(source.prepare?.()).rejects.toBe(reason)
    clearInterval(stopping)
    expect(await store.list()).toMatchObject([{ byteLength: BYTES.length, storedByteLength: CHUNK_BYTES }])

    from.state.fault = () => undefined
    const before = sentBy(from)
    expect(hashOf(await fetchWhole(setUp(directory).open, fileOf(from)))).toBe(SHA256)
    expect(sentBy(from) - before).toBeLessThan(BYTES.length - CHUNK_BYTES + 300_000)
  })

  test.each<[string, (index: number) => object | undefined]>([
    ['500 twice', (i) => (i < 3 ? { status: 500 } : undefined)],
    ['429 with Retry-After', (i) => (i < 2 ? { status: 429, retryAfter: '0' } : undefined)],
    [
      'a changed ETag in the middle',
      (i) => (i === 1 ? { cutAfter: 9_000_000 } : i === 2 ? { etag: '"x"' } : undefined),
    ],
    ['416 once', (i) => (i === 1 ? { status: 416 } : undefined)],
    ['a server that stops knowing ranges', (i) => (i === 1 ? { cutAfter: 9_000_000 } : { noRanges: i > 1 })],
    ['a wrong length once', (i) => (i === 1 ? { wrongTotal: 5 } : undefined)],
    ['an HTML page once', (i) => (i === 1 ? { page: '<!doctype html><p>busy' } : undefined)],
    ['silence once', (i) => (i === 1 ? { delayMs: 4000 } : undefined)],
  ])('%s', async (what, fault) => {
    const from = await serve()
    const { open } = setUp(createFakeDirectory().directory, { patience: { ...PATIENCE, stallMs: 500 } })
    from.state.fault = ({ index }) => (index === 0 ? undefined : fault(index))
    const fetching = fetchWhole(open, hashedFile(from))
    if (what === 'an HTML page once') await expect(fetching).rejects.toMatchObject({ code: 'file/not-weights' })
    else expect(hashOf(await fetching)).toBe(SHA256)
  })

  test.each<[string, object, string]>([
    ['500 for ever', { status: 500 }, 'file/network'],
    ['404', { status: 404 }, 'file/not-found'],
    ['403', { status: 403 }, 'file/network'],
    ['a git-lfs pointer', { pointer: true }, 'file/not-weights'],
    ['other bytes of the same length', { body: OTHER }, 'store/corrupt'],
  ])('but not %s, and leaves no half model', async (_, fault, code) => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    const { open } = setUp(directory)
    const source = await open(hashedFile(from))
    from.state.fault = () => fault
    await expect(source.prepare?.()).rejects.toMatchObject({ code })
    expect([...disk.files.keys()].filter((path) => path.endsWith('manifest.json'))).toEqual([])
    from.state.fault = () => undefined
    expect(hashOf(await fetchWhole(setUp(directory).open, hashedFile(from)))).toBe(SHA256)
  })
})

describe('a damaged copy', () => {
  test.each([0, 1, 2])('of which chunk %i has flipped bytes is mended by one fetch of that chunk', async (chunk) => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    const data = dataOf(disk)
    if (!data) throw new Error('no data')
    data.bytes[chunk * CHUNK_BYTES + 1000] ^= 255
    const before = sentBy(from)
    const { open } = setUp(directory)
    expect(hashOf(await fetchWhole(open, hashedFile(from)))).toBe(SHA256)
    expect(sentBy(from) - before).toBeLessThanOrEqual(CHUNK_BYTES)
    expect(hashOf(data.bytes.subarray(0, BYTES.length))).toBe(SHA256)
  })

  test('stays where the mending is stopped', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    const data = dataOf(disk)
    if (data) data.bytes[5] ^= 255
    const stop = new AbortController()
    const reason = new Error('later')
    from.state.fault = () => {
      stop.abort(reason)
      return undefined
    }
    const source = await setUp(directory).open(hashedFile(from), { signal: stop.signal })
    await expect(source.read(0, 10)).rejects.toBe(reason)
    expect(disk.used).toBeGreaterThan(BYTES.length)
  })

  test('that another tab reads is read right all the same, and stays', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    const data = dataOf(disk)
    if (!data) throw new Error('no data')
    data.bytes[5] ^= 255
    data.isOpen = true
    expect(hashOf(await fetchWhole(setUp(directory).open, hashedFile(from)))).toBe(SHA256)
    expect(disk.used).toBeGreaterThan(BYTES.length)
  })

  test('that cannot be mended goes, with a sentence', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    const file = hashedFile(from)
    await fetchWhole(setUp(directory).open, file)
    const data = dataOf(disk)
    if (data) data.bytes[5] ^= 255
    await from.close()
    await expect(fetchWhole(setUp(directory).open, file)).rejects.toMatchObject({ code: 'store/corrupt' })
    expect(disk.used).toBe(0)
  })

  test('that was cut short by a crash is found when it is resumed', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    for (const path of disk.files.keys()) if (path.endsWith('manifest.json')) disk.files.delete(path)
    const data = dataOf(disk)
    if (data) data.bytes[CHUNK_BYTES + 7] ^= 1
    const before = sentBy(from)
    expect(hashOf(await fetchWhole(setUp(directory).open, hashedFile(from)))).toBe(SHA256)
    expect(sentBy(from) - before).toBeLessThan(1.6 * CHUNK_BYTES) // the second chunk and what follows, and the first look
  })

  test('whose manifest alone is missing is told as whole, and not as more', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    for (const path of disk.files.keys()) if (path.endsWith('manifest.json')) disk.files.delete(path)
    const { open, told } = setUp(directory)
    expect(hashOf(await fetchWhole(open, hashedFile(from)))).toBe(SHA256)
    expect(told.steps).toEqual([CHUNK_BYTES, 2 * CHUNK_BYTES, BYTES.length])
  })

  test('a manifest that is half written counts as none', async () => {
    const from = await serve()
    const { disk, directory } = createFakeDirectory()
    await fetchWhole(setUp(directory).open, hashedFile(from))
    for (const [path, file] of disk.files) if (path.endsWith('manifest.json')) file.byteLength >>= 1
    expect(hashOf(await fetchWhole(setUp(directory).open, hashedFile(from)))).toBe(SHA256)
  })
})

describe('where nothing can be kept', () => {
  test.each(['throw', 'nonsense'] as const)(
    'a full disk (%s) gives a notice, no half model, and the bytes',
    async (manner) => {
      const from = await serve()
      const { disk, directory } = createFakeDirectory()
      disk.quota = 1.5 * CHUNK_BYTES
      disk.manner = manner
      const { open, told } = setUp(directory)
      expect(hashOf(await fetchWhole(open, hashedFile(from)))).toBe(SHA256)
      expect(told.notices.join()).toMatch(/not kept on this device.*room/)
      expect(disk.used).toBe(0)
    },
  )

  test('too little room by the estimate is told before a byte is fetched', async () => {
    const from = await serve()
    const { open, told } = setUp(createFakeDirectory().directory, { room: async () => 1_000_000 })
    const source = await open(hashedFile(from))
    const before = sentBy(from)
    await source.prepare?.()
    expect(sentBy(from)).toBe(before)
    expect(told.notices.join()).toMatch(/needs 21 MB, 1 MB are left/)
  })

  const NOTHING_KEPT = 'This browser keeps no files for this page, so a model is fetched each time it is opened.'

  test.each([
    ['refuses storage', { open: () => Promise.reject(new DOMException('no', 'SecurityError')) }],
    ['has no storage', { open: async () => (undefined as unknown as { open(): Directory }).open() }],
    ['lets no file be written', { writer: () => Promise.reject(new DOMException('no', 'NotSupportedError')) }],
  ])('a platform that %s says so in one sentence, and gives the file on the server', async (_, without) => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const inside = async (name: string) => ({ ...(await directory.directory(name)), ...without })
    const { store, open, told } = setUp(directory, {
      open: async () => ({ ...directory, directory: inside }),
      ...without,
    })
    for (let file = 0; file < 2; file++) expect(hashOf(await fetchWhole(open, plainFile(from)))).toBe(SHA256)
    expect(new Set(told.notices)).toEqual(new Set([NOTHING_KEPT]))
    expect(await store.list()).toEqual([])
  })

  test('what was refused once may be allowed later', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    let isAllowed = false
    const { store, open } = setUp(directory, {
      open: () => (isAllowed ? Promise.resolve(directory) : Promise.reject(new DOMException('no', 'SecurityError'))),
    })
    expect(await store.list()).toEqual([])
    isAllowed = true
    await fetchWhole(open, hashedFile(from))
    expect(await store.list()).toHaveLength(1)
  })

  test('a file that another writer holds is read from the server', async () => {
    const from = await serve()
    const { directory } = createFakeDirectory()
    const key = createHash('sha256').update(from.fileUrl('m.pth')).digest('hex').slice(0, 32)
    await (await directory.directory(key)).writer('data')
    const { open, told } = setUp(directory)
    const source = await open(hashedFile(from))
    await source.prepare?.()
    expect(told.notices.join()).toMatch(/Another tab/)
  })
})

test('leftovers that belong to nothing are cleared at the first use', async () => {
  const { disk, directory } = createFakeDirectory()
  const writer = await (await directory.directory('orphan')).writer('data')
  writer.write(new Uint8Array(100), { at: 0 })
  writer.close()
  const store: Store = createStore({ open: async () => directory })
  expect(await store.list()).toEqual([])
  expect(disk.used).toBe(0)
})

test('a remembered answer is given where there is no connection, and only then', async () => {
  const { store } = setUp(createFakeDirectory().directory)
  const { RwkvError } = await import('../../src/core/errors.ts')
  const offline = () => Promise.reject(new RwkvError('file/network', 'offline'))
  await expect(store.remember('u', offline)).rejects.toMatchObject({ code: 'file/network' })
  expect(await store.remember('u', async () => 'list')).toBe('list')
  expect(await store.remember('u', offline)).toBe('list')
  const gone = () => Promise.reject(new RwkvError('file/not-found', 'gone'))
  await expect(store.remember('u', gone)).rejects.toMatchObject({ code: 'file/not-found' })
})
