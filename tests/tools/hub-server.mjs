/**
 * @file A server that behaves like the Hugging Face Hub (tree API with pages, redirect of /resolve/ to another path, ETag,
 * LFS entries, Range, If-Range, CORS) and misbehaves on demand.
 */

import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

/**
 * @typedef {object} HubFile
 * @property {string} path
 * @property {Uint8Array[]} parts the bytes, in parts so that large files need not be copied
 * @property {boolean} [lfs] listed with oid and size of LFS; true by default
 */

/**
 * What to do with one request for data, in place of answering it well.
 * @typedef {object} Fault
 * @property {number} [status] answer with this status
 * @property {string} [retryAfter] and this header
 * @property {number} [cutAfter] close the connection after so many bytes of the body
 * @property {string} [etag] another name for the file
 * @property {string} [page] an HTML page in place of the file
 * @property {boolean} [pointer] the LFS pointer in place of the file
 * @property {number} [wrongTotal] add this to the length that is told
 * @property {number} [delayMs] wait before the body
 * @property {boolean} [noRanges] answer 200 with everything
 * @property {Uint8Array} [body] other bytes of the same length
 */

/**
 * Start it. `fault` is asked for each request of data, with the path and how many bytes were asked from where.
 * @param {{ repository: string, files: HubFile[], token?: string, pageSize?: number }} options
 */
export async function startHubServer({ repository, files, token, pageSize = 1000 }) {
  const known = new Map(files.map((file) => [file.path, describe(file)]))
  const state = {
    /** @type {(request: { path: string, offset: number, byteLength: number, index: number }) => Fault | undefined} */
    fault: () => undefined,
    /** @type {{ path: string, offset: number, sent: number }[]} */
    served: [],
    /** @type {string[]} */
    requests: [],
  }
  let index = 0

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub')
    state.requests.push(`${request.method} ${pathname}`)
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-headers', 'authorization, range, if-range')
      return response.writeHead(204).end()
    }
    response.setHeader('access-control-expose-headers', 'etag, content-range, link, x-linked-size')
    const path = decodeURIComponent(pathname)
    if (token && request.headers.authorization !== `Bearer ${token}` && !path.startsWith('/cdn/')) {
      return response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"Repository not found"}')
    }
    const tree = new RegExp(`^/api/models/${repository}/tree/([^/]+)(?:/(.*))?$`).exec(path)
    if (tree)
      return sendTree(response, {
        folder: tree[2] ? `${tree[2]}/` : '',
        page: Number(searchParams.get('page') ?? 0),
        pathname,
      })
    const resolve = new RegExp(`^/${repository}/resolve/([^/]+)/(.+)$`).exec(path)
    if (resolve) return response.writeHead(302, { location: `/cdn/${encodeURI(resolve[2])}` }).end()
    const file = known.get(path.replace(/^\/cdn\//, ''))
    if (path.startsWith('/cdn/') && file) return sendFile(request, response, file)
    response.writeHead(404).end('no such file')
  })

  function sendTree(response, { folder, page, pathname }) {
    const inside = [...known.values()].filter(({ path }) => path.startsWith(folder))
    const names = new Map(
      inside.map((file) => {
        const rest = file.path.slice(folder.length)
        const slash = rest.indexOf('/')
        return slash < 0
          ? [file.path, file.entry]
          : [folder + rest.slice(0, slash), { type: 'directory', path: folder + rest.slice(0, slash), size: 0 }]
      }),
    )
    const entries = [...names.values()]
    const next = (page + 1) * pageSize < entries.length
    if (next)
      response.setHeader(
        'link',
        `<http://${server.address().address}:${server.address().port}${pathname}?page=${page + 1}>; rel="next"`,
      )
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(entries.slice(page * pageSize, (page + 1) * pageSize)))
  }

  function sendFile(request, response, file) {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    let offset = range ? Number(range[1]) : 0
    let end = range?.[2] ? Math.min(Number(range[2]) + 1, file.byteLength) : file.byteLength
    const fault = state.fault({ path: file.path, offset, byteLength: end - offset, index: index++ }) ?? {}
    if (fault.status) {
      return response.writeHead(fault.status, fault.retryAfter ? { 'retry-after': fault.retryAfter } : {}).end('no')
    }
    if (fault.page) return response.writeHead(200, { 'content-type': 'text/html' }).end(fault.page)
    if (fault.pointer) return response.writeHead(200, { 'content-type': 'text/plain' }).end(file.pointer)
    const etag = fault.etag ?? file.etag
    const total = file.byteLength + (fault.wrongTotal ?? 0)
    const ifRange = request.headers['if-range']
    const isPart = range && !fault.noRanges && (!ifRange || ifRange === etag)
    if (isPart && offset >= file.byteLength) {
      return response.writeHead(416, { 'content-range': `bytes */${total}`, etag }).end()
    }
    if (!isPart) {
      offset = 0
      end = file.byteLength
    }
    const headers = {
      etag,
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': String(end - offset + (isPart ? 0 : (fault.wrongTotal ?? 0))),
    }
    if (isPart) headers['content-range'] = `bytes ${offset}-${end - 1}/${total}`
    response.writeHead(isPart ? 206 : 200, headers)
    const entry = { path: file.path, offset, sent: 0 }
    state.served.push(entry)
    const cut = fault.cutAfter ?? Number.POSITIVE_INFINITY
    const send = async () => {
      for (const piece of slices(fault.body ? [fault.body] : file.parts, offset, end)) {
        const room = cut - entry.sent
        if (response.destroyed) return
        if (piece.length >= room) {
          entry.sent += room
          response.write(piece.subarray(0, room), () => response.destroy())
          return
        }
        entry.sent += piece.length
        if (!response.write(piece)) {
          await new Promise((go) => {
            const on = () => {
              response.off('drain', on)
              response.off('close', on)
              go(undefined)
            }
            response.on('drain', on)
            response.on('close', on)
          })
        }
      }
      response.end()
    }
    setTimeout(send, fault.delayMs ?? 0)
  }

  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    /** Address of a file without the Hub around it. */
    fileUrl: (path) => `http://127.0.0.1:${server.address().port}/cdn/${path}`,
    close: () =>
      new Promise((closed) => {
        server.close(closed)
        server.closeAllConnections()
      }),
  }
}

function describe({ path, parts, lfs = true }) {
  const hash = createHash('sha256')
  let byteLength = 0
  for (const part of parts) {
    hash.update(part)
    byteLength += part.length
  }
  const oid = hash.digest('hex')
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${byteLength}\n`
  const entry = { type: 'file', oid: oid.slice(0, 40), size: byteLength, path }
  return {
    path,
    parts,
    byteLength,
    pointer,
    etag: `"${oid}"`,
    entry: lfs ? { ...entry, lfs: { oid, size: byteLength, pointerSize: pointer.length } } : entry,
  }
}

/** Bytes `from` … `to` of the parts, in pieces of at most 256 KiB. */
function* slices(parts, from, to) {
  let start = 0
  for (const part of parts) {
    const first = Math.max(from - start, 0)
    const last = Math.min(to - start, part.length)
    for (let at = first; at < last; at += 262_144) yield part.subarray(at, Math.min(at + 262_144, last))
    start += part.length
  }
}
