/** @file `fetch`, for addresses of files on disk too. */

import { openAsBlob } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Answers 200, 206, 404 and 416 for `file:` URLs, as a web server would; anything else is fetched. */
export const fileFetch: typeof fetch = async (input, init) => {
  const address = input instanceof Request ? input.url : String(input)
  if (!address.startsWith('file:')) return fetch(input, init)
  const blob = await blobAt(fileURLToPath(address))
  if (!blob) return new Response('no such file', { status: 404 })
  const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '')
  if (!range) return new Response(blob)
  const from = Number(range[1])
  const to = Math.min(Number(range[2]), blob.size - 1)
  if (from >= blob.size) return new Response('', { status: 416, headers: { 'content-range': `bytes */${blob.size}` } })
  const headers = { 'content-range': `bytes ${from}-${to}/${blob.size}` }
  return new Response(blob.slice(from, to + 1), { status: 206, headers })
}

/** Undefined if there is no such file, which node 20 throws rather than rejects with. */
async function blobAt(path: string): Promise<Blob | undefined> {
  try {
    return await openAsBlob(path)
  } catch {
    return undefined
  }
}
