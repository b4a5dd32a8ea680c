import { describe, expect, test } from 'vitest'
import { readDownloadSize } from '../../src/client/download-size.ts'

type Answer = (init: RequestInit) => Response

const length =
  (byteLength: number): Answer =>
  () =>
    new Response(null, { headers: { 'content-length': String(byteLength) } })
const description =
  (weights: unknown): Answer =>
  () =>
    Response.json({ weights, vocabulary: { file: 'vocab.txt', kind: 'world' } })

/** A `fetch` over answers by address; what it was asked goes to `asked`. */
function server(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = String(input)
    asked.push(`${init.method ?? 'GET'} ${url}`)
    return answers[url]?.(init) ?? new Response(null, { status: 404 })
  }
  return { fetch, asked }
}

describe('the size of a download', () => {
  test('is that of all files of the description, and no file is fetched for it', async () => {
    const { fetch, asked } = server({
      'https://a.test/m/model.json': description(['one.safetensors', 'two.safetensors']),
      'https://a.test/m/one.safetensors': length(100),
      'https://a.test/m/two.safetensors': length(20),
      'https://a.test/m/vocab.txt': length(3),
    })
    expect(await readDownloadSize('https://a.test/m/', { fetch })).toBe(123)
    expect(asked.filter((line) => line.startsWith('GET'))).toEqual(['GET https://a.test/m/model.json'])
  })

  test('of a bare file is its own', async () => {
    const { fetch } = server({ 'https://a.test/m.safetensors': length(7) })
    expect(await readDownloadSize('https://a.test/m.safetensors', { fetch })).toBe(7)
  })

  test('of a page about the file is not that of the file', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': '900' }
    const { fetch } = server({ 'https://a.test/blob/m.pth': () => new Response(null, { headers }) })
    expect(await readDownloadSize('https://a.test/blob/m.pth', { fetch })).toBeUndefined()
  })

  test('is asked by a range of one byte where HEAD says nothing', async () => {
    const { fetch } = server({
      'https://a.test/m.safetensors': ({ method }) =>
        method === 'HEAD'
          ? new Response(null, { headers: { 'content-length': '5', 'content-encoding': 'gzip' } })
          : new Response('x', { status: 206, headers: { 'content-range': 'bytes 0-0/900' } }),
    })
    expect(await readDownloadSize('https://a.test/m.safetensors', { fetch })).toBe(900)
  })

  test('is unknown where a server does not tell, a file is missing, or there is no answer', async () => {
    const silent = server({ 'https://a.test/m.safetensors': () => new Response('all of it') })
    expect(await readDownloadSize('https://a.test/m.safetensors', silent)).toBeUndefined()
    expect(await readDownloadSize('https://a.test/m/', server({}))).toBeUndefined()
    const fetch: typeof globalThis.fetch = () => Promise.reject(new TypeError('offline'))
    expect(await readDownloadSize('https://a.test/m/', { fetch })).toBeUndefined()
  })

  test('a description that names another host makes nobody ask it', async () => {
    for (const file of ['https://b.test/big', '//b.test/big', '../elsewhere', '/elsewhere']) {
      const { fetch, asked } = server({ 'https://a.test/m/model.json': description(file) })
      expect(await readDownloadSize('https://a.test/m/', { fetch })).toBeUndefined()
      expect(asked).toEqual(['GET https://a.test/m/model.json'])
    }
  })
})
