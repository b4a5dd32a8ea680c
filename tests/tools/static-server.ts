/** @file A plain file server on a port of its own, for pages that no bundler has touched. */

import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** What `serveFiles` takes. */
export interface ServeOptions {
  /** Paths by prefix -> folder; the longest prefix wins. */
  readonly folders: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Hears the path of every request. */
  readonly onRequest?: (path: string) => unknown
}

/** A running server. The caller closes it. */
export interface Served {
  /** Such as `http://localhost:40123/`. */
  readonly url: string
  close(): void
}

/** Serve files, whole, and of a folder its index.html; ranges are not known here, as on the plainest hosts. */
export async function serveFiles({ folders, headers = {}, onRequest }: ServeOptions): Promise<Served> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length)
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://any').pathname)
    onRequest?.(asked)
    const path = asked.endsWith('/') ? `${asked}index.html` : asked
    const prefix = prefixes.find((start) => path.startsWith(start))
    const file = join(folders[prefix ?? ''] ?? '', normalize(`/${path.slice(prefix?.length)}`))
    const found = prefix === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
    if (!found?.isFile()) {
      response.writeHead(404).end()
      return
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'content-length': found.size, ...headers })
    if (request.method === 'HEAD') response.end()
    else createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
