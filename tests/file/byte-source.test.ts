import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ByteSource, createByteSource, openUrl, readText, withReadAhead } from '../../src/file/byte-source.ts'
import { createFakeFetch, type FakeServer } from './fake-fetch.ts'

const URL = 'https://models.test/story%20teller/model.safetensors?v=1'
const BODY = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 255)
const text = (content: string) => new TextEncoder().encode(content)
const open = (server: FakeServer | (() => FakeServer)) => {
  const { fetch, seen } = createFakeFetch(server)
  return { opened: openUrl({ url: URL, fetch }), seen }
}

describe('openUrl', () => {
  test('any read gives the bytes of the file, whether the server knows ranges or not', async () => {
    for (const ranges of [true, false]) {
      const source = await open({ body: BODY, ranges }).opened
      expect(source).toMatchObject({ name: 'model.safetensors', byteLength: BODY.length })
      for (const [at, length] of [
        [0, 8],
        [0, 0],
        [BODY.length, 0],
        [262_140, 8],
        [5, 999_995],
        [700_000, 300_000],
      ] as const) {
        expect(Buffer.compare(await source.read(at, length), BODY.subarray(at, at + length))).toBe(0)
      }
    }
  })

  test('with ranges a read asks for its own bytes and no others, and for none of the first window', async () => {
    const { opened, seen } = open({ body: BODY })
    const source = await opened
    await source.read(8, 1000)
    await source.read(262_140, 8)
    await source.read(500_000, 10)
    await source.read(600_000, 0)
    expect(seen.map(({ range }) => range)).toEqual(['bytes=0-262143', 'bytes=262144-262147', 'bytes=500000-500009'])
  })

  test('a server without ranges is asked once', async () => {
    const { opened, seen } = open({ body: BODY, ranges: false })
    await (await opened).read(500_000, 10)
    expect(seen).toHaveLength(1)
  })

  test('where the total is hidden or the body encoded, the whole file is asked for', async () => {
    for (const server of [{ hidesRange: true }, { headers: { 'content-encoding': 'gzip' } }]) {
      const { opened, seen } = open({ body: BODY, ...server })
      expect((await opened).byteLength).toBe(BODY.length)
      expect(seen.map(({ range }) => range)).toEqual(['bytes=0-262143', undefined])
    }
  })

  test('headers go along with every request', async () => {
    const { fetch, seen } = createFakeFetch({ body: BODY })
    const source = await openUrl({ url: URL, fetch, headers: { authorization: 'Bearer x' } })
    await source.read(500_000, 1)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer x', 'Bearer x'])
  })

  test('an empty file is a source of no bytes', async () => {
    expect((await open({ body: new Uint8Array(0) }).opened).byteLength).toBe(0)
    expect((await open({ body: new Uint8Array(0), ranges: false }).opened).byteLength).toBe(0)
  })

  const page = text('\n<!DOCTYPE html>\n<html><body>index</body></html>')
  const pointer = text(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 8933824\n`)
  test.each<[string, FakeServer, string, RegExp]>([
    ['status 404', { body: BODY, status: 404 }, 'file/not-found', /404/],
    ['status 401', { body: BODY, status: 401 }, 'file/network', /401.*headers/],
    ['status 500', { body: BODY, status: 500 }, 'file/network', /models\.test.*500/],
    ['an HTML page', { body: page, ranges: false }, 'file/not-weights', /HTML page/],
    ['an HTML page by ranges', { body: page }, 'file/not-weights', /HTML page/],
    [
      'markup of type text/html',
      { body: text('<!-- a --><p>'), headers: { 'content-type': 'text/html' } },
      'file/not-weights',
      /HTML/,
    ],
    ['a git-lfs pointer', { body: pointer }, 'file/not-weights', /git-lfs pointer/],
    ['a short part', { body: BODY, short: 1 }, 'file/truncated', /262143 bytes/],
    ['a short body', { body: BODY, short: 1, ranges: false }, 'file/truncated', /999999 bytes of 1000000/],
  ])('%s is refused', async (_, server, code, message) => {
    await expect(open(server).opened).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('a failing fetch is file/network with the address and the cause', async () => {
    const cause = new TypeError('Failed to fetch')
    const failed = openUrl({ url: URL, fetch: () => Promise.reject(cause) })
    await expect(failed).rejects.toMatchObject({ code: 'file/network', message: expect.stringContaining(URL), cause })
  })

  test('a body that breaks off is file/network', async () => {
    const stream = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) })
    const failed = openUrl({ url: URL, fetch: async () => new Response(stream) })
    await expect(failed).rejects.toMatchObject({ code: 'file/network', message: expect.stringContaining('terminated') })
  })

  test('a file that changes between two reads is refused', async () => {
    let etag = '"a"'
    const { opened } = open(() => ({ body: BODY, headers: { etag } }))
    const source = await opened
    await source.read(500_000, 1)
    etag = '"b"'
    await expect(source.read(500_000, 1)).rejects.toMatchObject({ code: 'file/network', message: /changed/ })
  })

  test("an abort throws the signal's own reason, before, while opening and while reading", async () => {
    const reason = new Error('enough')
    const { fetch } = createFakeFetch({ body: BODY })
    const aborted = AbortSignal.abort(reason)
    await expect(openUrl({ url: URL, fetch, signal: aborted })).rejects.toBe(reason)

    const controller = new AbortController()
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      )
    const opening = openUrl({ url: URL, fetch: hanging, signal: controller.signal })
    controller.abort(reason)
    await expect(opening).rejects.toBe(reason)

    const later = new AbortController()
    const source = await openUrl({ url: URL, fetch, signal: later.signal })
    later.abort(reason)
    await expect(source.read(500_000, 1)).rejects.toBe(reason)
  })

  test('reading outside of the file is refused without a request', async () => {
    const { opened, seen } = open({ body: BODY })
    const source = await opened
    for (const [at, length] of [
      [BODY.length, 1],
      [-1, 1],
      [0, -1],
      [2 ** 53, 1],
      [Number.NaN, 1],
    ] as const) {
      await expect(source.read(at, length)).rejects.toMatchObject({ code: 'file/truncated' })
    }
    expect(seen).toHaveLength(1)
  })
})

describe('withReadAhead', () => {
  const counted = (bytes: Uint8Array) => {
    const plain = createByteSource('counted', bytes)
    const reads: [number, number][] = []
    const source: ByteSource = {
      ...plain,
      read: (at, length) => {
        reads.push([at, length])
        return plain.read(at, length)
      },
    }
    return { source, reads }
  }

  test('many small reads in order become one read a window, and no byte is read twice', async () => {
    const { source, reads } = counted(BODY)
    const ahead = withReadAhead(source, 100_000)
    for (let at = 0; at + 999 <= BODY.length; at += 999) {
      expect(Buffer.compare(await ahead.read(at, 999), BODY.subarray(at, at + 999))).toBe(0)
    }
    expect(reads.length).toBeLessThan(12)
    expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(BODY.length)
  })

  test('large reads in order go through as they are, behind what a small one brought, and no byte is read twice', async () => {
    const { source, reads } = counted(BODY)
    const ahead = withReadAhead(source, 1000)
    for (const [at, length] of [
      [10, 100],
      [110, 999],
      [1109, 501],
      [1610, 1001],
    ] as const) {
      expect(Buffer.compare(await ahead.read(at, length), BODY.subarray(at, at + length))).toBe(0)
    }
    expect(reads).toEqual([
      [10, 1000],
      [1010, 99],
      [1109, 501],
      [1610, 1001],
    ])
  })

  test('a source is read as it is while it is buffered', async () => {
    const { source, reads } = counted(BODY)
    const changing = { ...source, isBuffered: true }
    const ahead = withReadAhead(changing, 1000)
    await ahead.read(0, 10)
    changing.isBuffered = false
    await ahead.read(10, 10)
    changing.isBuffered = true
    await ahead.read(20, 10)
    expect(reads).toEqual([
      [0, 10],
      [10, 1000],
      [20, 10],
    ])
  })

  test('any reads at once, in any order, give the bytes of the source', async () => {
    const bytes = BODY.subarray(0, 500)
    const reads = fc.array(fc.tuple(fc.nat(499), fc.nat(120)).map(([at, n]) => [at, Math.min(n, 500 - at)] as const))
    const law = fc.asyncProperty(
      reads,
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      async (list, window, atOnce) => {
        const ahead = withReadAhead(createByteSource('b', bytes), window)
        const results: Promise<Uint8Array>[] = []
        for (const [at, length] of list) {
          results.push(ahead.read(at, length))
          if (!atOnce) await results.at(-1)
        }
        expect(await Promise.all(results)).toEqual(list.map(([at, length]) => bytes.subarray(at, at + length)))
      },
    )
    await fc.assert(law)
  })

  test('a failed window is asked for again', async () => {
    let fails = true
    const plain = createByteSource('flaky', BODY)
    const read: ByteSource['read'] = (at, n) => (fails ? Promise.reject(new Error('down')) : plain.read(at, n))
    const ahead = withReadAhead({ ...plain, read })
    await expect(ahead.read(0, 10)).rejects.toThrow('down')
    fails = false
    expect(await ahead.read(0, 10)).toEqual(BODY.subarray(0, 10))
  })
})

describe('readText', () => {
  const get = async (server: FakeServer) =>
    readText(await openUrl({ url: 'https://models.test/vocab.txt', fetch: createFakeFetch(server).fetch }))

  test('a text comes whole and without its byte order mark', async () => {
    expect(await get({ body: text("\ufeff1 'ü' 2\n") })).toBe("1 'ü' 2\n")
  })

  test.each<[string, FakeServer, string]>([
    ['a page', { body: text('<html><p>') }, 'file/not-weights'],
    ['bytes that are not UTF-8', { body: Uint8Array.of(0xc3, 0x28) }, 'file/not-weights'],
    ['a missing file', { body: text(''), status: 404 }, 'file/not-found'],
    ['a short body', { body: text('abc'), short: 1 }, 'file/truncated'],
  ])('%s is refused', async (_, server, code) => {
    await expect(get(server)).rejects.toMatchObject({ code })
  })
})
