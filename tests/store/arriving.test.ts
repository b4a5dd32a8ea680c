import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { CHUNK_BYTES } from '../../src/store/download.ts'
import { createStore } from '../../src/store/store.ts'
import { createFakeDirectory, type FakeDisk } from '../tools/fake-directory.ts'
import { startHubServer } from '../tools/hub-server.mjs'

const BYTES = new Uint8Array(2.5 * CHUNK_BYTES).map((_, i) => (i * 7 + (i >> 11)) & 255)
const SHA256 = createHash('sha256').update(BYTES).digest('hex')
const PATIENCE = { attempts: 3, firstDelayMs: 1, longestDelayMs: 5, stallMs: 20_000 }

let server: Awaited<ReturnType<typeof startHubServer>> | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** That they are those of the file. */
function expectBytes(found: Uint8Array, from: number, to?: number): void {
  expect(Buffer.compare(found, BYTES.subarray(from, to))).toBe(0)
}

/** A file that is being fetched, of which the first chunk has arrived; `goOn` lets the rest come, or cuts the connection. */
async function halfway({ sha256, onDisk }: { sha256?: string; onDisk?: (disk: FakeDisk) => void } = {}) {
  server = await startHubServer({ repository: 'a/b', files: [{ path: 'm.pth', parts: [BYTES] }] })
  const { disk, directory } = createFakeDirectory()
  let goOn = (_isCut?: true) => {}
  const gate = new Promise<true | undefined>((settle) => {
    goOn = settle
  })
  const gated: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const reader = response.body?.getReader()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent > 1.2 * CHUNK_BYTES && (await gate)) return controller.error(new TypeError('cut'))
        const part = await reader?.read()
        if (!part?.value) return controller.close()
        sent += part.value.length
        controller.enqueue(part.value)
      },
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }
  const store = createStore({ open: async () => directory, patience: PATIENCE })
  const notices: string[] = []
  const source = await store.open({
    file: { url: server.fileUrl('m.pth'), name: 'm.pth', ...(sha256 && { sha256, byteLength: BYTES.length }) },
    model: 'model',
    fetch: gated,
    progress: { report() {}, notice: (text) => notices.push(text), sawNetwork() {} },
  })
  const whole = source.prepare?.() ?? Promise.reject(new Error('it is kept already'))
  whole.catch(() => {})
  expectBytes(await source.read(1000, CHUNK_BYTES - 1000), 1000, CHUNK_BYTES)
  onDisk?.(disk)
  const rest = source.read(CHUNK_BYTES, BYTES.length - CHUNK_BYTES)
  rest.catch(() => {})
  return { hub: server, disk, source, whole, rest, goOn, notices }
}

test('what has arrived of a file can be read while the rest is fetched, once', async () => {
  const { hub, source, whole, rest, goOn } = await halfway({ sha256: SHA256 })
  goOn()
  await whole
  expectBytes(await rest, CHUNK_BYTES)
  expectBytes(await source.read(0, BYTES.length), 0)
  const fetched = hub.state.served.reduce((sum, { sent }) => sum + sent, 0)
  expect(fetched).toBeLessThan(BYTES.length + 2 ** 20)
})

test('who keeps pace with a file reads nothing back from the disk', async () => {
  const { disk, source, whole, rest, goOn } = await halfway()
  expect(source.isBuffered).toBe(true)
  goOn()
  await whole
  expectBytes(await rest, CHUNK_BYTES)
  expect(disk.readBack).toBe(0)
})

test('a file that has another hash in the end is refused, after all that was read', async () => {
  const { whole, goOn } = await halfway({ sha256: SHA256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })
  goOn()
  await expect(whole).rejects.toMatchObject({ code: 'store/corrupt' })
})

test('a file that is another one after a cut is refused, and so is whoever waits for the rest of it', async () => {
  const { hub, whole, rest, goOn } = await halfway()
  hub.state.fault = () => ({ etag: '"other"' })
  goOn(true)
  await expect(whole).rejects.toMatchObject({ code: 'file/network' })
  await expect(rest).rejects.toMatchObject({ code: 'file/network' })
})

test('where there is no room for the rest it is read from the server', async () => {
  const { whole, rest, goOn, notices } = await halfway({
    onDisk(disk) {
      disk.quota = 0
    },
  })
  goOn()
  await whole
  expect(notices).toEqual([expect.stringContaining('is not kept on this device')])
  expectBytes(await rest, CHUNK_BYTES)
})
