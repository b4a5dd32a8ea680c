/** @file A build on a server of its own, and beside it a large model at the speed of a good network. */

import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { securityHeaders } from '../../demo/content-security.ts'
import { large169M } from '../tools/large-pth.ts'
import { vocabularyOf } from './serve-checkpoint.ts'

const BYTES_PER_MS = 100_000
const PIECE = 256 * 1024

const TYPES: Readonly<Record<string, string>> = {
  ...{ '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json' },
  ...{ '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json', '.txt': 'text/plain' },
}

/** Addresses of a served build. The caller closes it. */
export interface ServedBuild {
  readonly name: string
  /** The chat page. */
  readonly page: string
  /** Of the same origin, with the package as `library` and nothing else on it. */
  readonly library: string
  /** A folder with a model of the shape of 169M in f16. */
  readonly large: string
  close(): void
}

let parts: Uint8Array[] | undefined

/** Serve the folder `dist`. */
export async function serveBuild(name: string, dist: string): Promise<ServedBuild> {
  parts ??= large169M('HalfStorage')
  const model = parts
  const total = model.reduce((sum, { length }) => sum + length, 0)
  const description = {
    name: 'large',
    architecture: 'rwkv-4',
    weights: 'model.pth',
    vocabulary: { file: 'vocab.txt', kind: 'world' },
    eos_token_id: 0,
    prompt_format: { user: '{text}', assistant: '', end: '\n\n', stop: [] },
    sampling: {},
    license: 'none',
  }
  const texts = new Map([
    ['/large/model.json', JSON.stringify(description)],
    ['/large/vocab.txt', vocabularyOf(50_277)],
    ['/library.html', '<script type="module">globalThis.library = await import("./index.js")</script>'],
  ])
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://any').pathname
    const path = asked.endsWith('/') ? `${asked}index.html` : asked
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    const headers = { ...isolation, 'content-type': type }
    const text = texts.get(path)
    if (text !== undefined) return void response.writeHead(200, headers).end(text)
    if (path === '/large/model.pth') return void sendRange(response, { model, total, range: request.headers.range })
    if (path === '/comlink.js')
      return void response.writeHead(200, { ...headers, 'content-type': 'text/javascript' }).end(comlink)
    const file = join(dist, normalize(path))
    const found = statSync(file, { throwIfNoEntry: false })
    if (!found?.isFile()) return void response.writeHead(404).end()
    response.writeHead(200, { ...headers, etag: `"${found.mtimeMs}"` })
    if (request.method === 'HEAD') response.end()
    else if (dirname(file) === dist && type === 'text/javascript') response.end(bundled(readFileSync(file, 'utf8')))
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((settle) => server.listen(0, 'localhost', settle))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    name,
    page: `${origin}/demo/`,
    library: `${origin}/library.html`,
    large: `${origin}/large/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const comlink = readFileSync(new URL('../../node_modules/comlink/dist/esm/comlink.min.mjs', import.meta.url))

/** What bundlers make of the package's one dependency. */
const bundled = (code: string) => code.replace(/(from\s*)["']comlink["']/g, '$1"/comlink.js"')

/** Of the large model. */
interface Range {
  readonly model: readonly Uint8Array[]
  readonly from: number
  readonly to: number
}

/** A part of the large model, or all of it, no faster than the network. */
async function sendRange(
  response: ServerResponse,
  { model, total, range }: { model: readonly Uint8Array[]; total: number; range: string | undefined },
): Promise<void> {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  const from = Number(first ?? 0)
  const to = Math.min(last ? Number(last) + 1 : total, total)
  response.writeHead(range ? 206 : 200, {
    ...{ 'content-type': 'application/octet-stream', 'content-length': to - from, etag: '"large"' },
    ...(range && { 'content-range': `bytes ${from}-${to - 1}/${total}` }),
  })
  await pipeline(piecesOf({ model, from, to }), response).catch(() => {}) // who has enough hangs up
}

async function* piecesOf({ model, from, to }: Range): AsyncGenerator<Uint8Array> {
  const start = performance.now()
  let sent = 0
  let at = 0
  for (const part of model) {
    for (let begin = Math.max(0, from - at); begin < part.length && at + begin < to; begin += PIECE) {
      const piece = part.subarray(begin, Math.min(begin + PIECE, part.length, to - at))
      yield piece
      sent += piece.length
      const early = sent / BYTES_PER_MS - (performance.now() - start)
      if (early > 1) await pause(early)
    }
    at += part.length
  }
}

/** As `npm run preview`, but for the policy, which would refuse the library on an empty page. */
const { 'Content-Security-Policy': _, ...isolation } = securityHeaders
