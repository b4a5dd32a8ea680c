/** @file A `fetch` for file: URLs, with ranges: models from disk for programs in node. */

import { type FileHandle, open } from 'node:fs/promises'

/** Answers 200, 206 and 404 as a web server would. */
export const fileFetch: typeof fetch = async (input, init) => {
  const file = await open(new URL(String(input))).catch(() => undefined)
  if (!file) return new Response('no such file', { status: 404 })
  try {
    const { size } = await file.stat()
    const range = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '')
    if (!range) return new Response(await part(file, 0, size))
    const from = Number(range[1])
    const to = Math.min(Number(range[2]), size - 1)
    if (from >= size) return new Response('', { status: 416, headers: { 'content-range': `bytes */${size}` } })
    const headers = { 'content-range': `bytes ${from}-${to}/${size}` }
    return new Response(await part(file, from, to - from + 1), { status: 206, headers })
  } finally {
    await file.close()
  }
}

async function part(file: FileHandle, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
