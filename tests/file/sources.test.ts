import { afterEach, describe, expect, test } from 'vitest'
import { openUrl, readText } from '../../src/file/byte-source.ts'
import type { OpenRemote } from '../../src/file/folder.ts'
import { parseHubAddress } from '../../src/file/hub.ts'
import { openSource } from '../../src/file/sources.ts'
import { startHubServer } from '../tools/hub-server.mjs'

const text = (value: string) => [new TextEncoder().encode(value)]
const FILES = [
  { path: 'README.md', parts: text('# model'), lfs: false },
  { path: 'model.safetensors', parts: text('weights'), lfs: true },
  { path: 'tokenizer.json', parts: text('{}'), lfs: false },
  { path: 'v2/ü x.pth', parts: text('pth'), lfs: true },
]

type Server = Awaited<ReturnType<typeof startHubServer>>
let server: Server | undefined
afterEach(async () => server?.close())

const start = async (options: { token?: string; pageSize?: number } = {}): Promise<Server> => {
  server = await startHubServer({ repository: 'owner/repo', files: FILES, ...options })
  return server
}
const openRemote: OpenRemote = (file) => openUrl({ ...file, fetch })

describe('hf: addresses', () => {
  test.each([
    ['hf:BlinkDL/rwkv-4-world', { repository: 'BlinkDL/rwkv-4-world', revision: 'main' }],
    ['hf:a/b@v1.0', { repository: 'a/b', revision: 'v1.0' }],
    ['hf:a/b@refs%2Fpr%2F1/x/y.pth', { repository: 'a/b', revision: 'refs/pr/1', file: 'x/y.pth' }],
    ['hf:a/b@100%', { repository: 'a/b', revision: '100%' }],
    ['hf:a/b/c/', { repository: 'a/b', revision: 'main', file: 'c/' }],
    ['hf:a/b/c.pth', { repository: 'a/b', revision: 'main', file: 'c.pth' }],
  ])('%s', (address, parts) => {
    expect(parseHubAddress(address)).toEqual(parts)
  })

  test.each(['hf:', 'hf:a', 'hf:a/', 'hf:/b', 'hf:../b', 'hf:a/b/../c', 'hf:a/b@/c', 'hf:a/b//c', 'hf:a b/c'])(
    '%j is none',
    (address) => {
      expect(() => parseHubAddress(address)).toThrow(expect.objectContaining({ code: 'option/invalid' }))
    },
  )
})

describe('a repository of the Hub', () => {
  test('is listed page by page, and its files open by name, through redirects', async () => {
    const { url, state } = await start({ pageSize: 2 })
    const { folder, file } = await openSource('hf:owner/repo', { fetch, openRemote, hubUrl: url })
    expect(file).toBeUndefined()
    expect([folder.name, [...(folder.files ?? [])]]).toEqual([
      'hf:owner/repo',
      [
        ['README.md', 7],
        ['model.safetensors', 7],
        ['tokenizer.json', 2],
      ],
    ])
    expect(folder.addressOf?.('model.safetensors')).toBe('hf:owner/repo/model.safetensors')
    expect(state.requests.filter((request) => request.includes('/tree/'))).toHaveLength(2)
    expect(await readText(await folder.open('tokenizer.json'))).toBe('{}')
    await expect(folder.open('none')).rejects.toMatchObject({ code: 'file/not-found' })
  })

  test('tells sizes and hashes of LFS files before anything is fetched', async () => {
    const { url } = await start()
    const seen: unknown[] = []
    const { folder } = await openSource('hf:owner/repo', {
      fetch,
      hubUrl: url,
      openRemote: (asked) => {
        seen.push(asked)
        return openRemote(asked)
      },
    })
    await folder.open('model.safetensors')
    await folder.open('README.md')
    expect(seen).toMatchObject([{ byteLength: 7, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, { byteLength: 7 }])
    expect(seen[1]).not.toHaveProperty('sha256')
  })

  test('a file in a folder of it has that folder for its company', async () => {
    const { url } = await start()
    const { folder, file } = await openSource('hf:owner/repo/v2/ü x.pth', { fetch, openRemote, hubUrl: url })
    expect([...(folder.files ?? [])]).toEqual([['ü x.pth', 3]])
    expect(folder.addressOf?.('ü x.pth')).toBe('hf:owner/repo/v2/ü x.pth')
    expect(await readText(await folder.open(file as string))).toBe('pth')
  })

  test.each([
    'https://huggingface.co/owner/repo/blob/main/v2/%C3%BC%20x.pth',
    'hf:owner/repo/resolve/main/v2/ü x.pth',
    new URL('https://huggingface.co/owner/repo/resolve/main/v2/ü x.pth?download=true'),
  ])('opens a file by a link as people copy it: %s', async (link) => {
    const { url } = await start()
    const { folder, file } = await openSource(link, { fetch, openRemote, hubUrl: url })
    expect(await readText(await folder.open(file as string))).toBe('pth')
  })

  test('opens a folder of it by its link', async () => {
    const { url } = await start()
    const link = 'https://huggingface.co/owner/repo/tree/main/v2'
    const { folder, file } = await openSource(link, { fetch, openRemote, hubUrl: url })
    expect([file, folder.name, [...(folder.files?.keys() ?? [])]]).toEqual([
      undefined,
      'hf:owner/repo/v2/',
      ['ü x.pth'],
    ])
  })

  test('that is private says so, and opens with a token', async () => {
    const { url } = await start({ token: 'secret' })
    const options = { fetch, openRemote, hubUrl: url }
    for (const token of [undefined, 'wrong']) {
      await expect(openSource('hf:owner/repo', { ...options, ...(token && { token }) })).rejects.toMatchObject({
        code: 'hub/access',
        message: expect.stringMatching(/private.*token/),
      })
    }
    const { folder } = await openSource('hf:owner/repo', { ...options, token: 'secret' })
    expect(await readText(await folder.open('tokenizer.json'))).toBe('{}')
  })

  test('that does not exist says so', async () => {
    const { url } = await start()
    const opening = openSource('hf:owner/none', { fetch, openRemote, hubUrl: url })
    await expect(opening).rejects.toMatchObject({
      code: 'hub/access',
      message: expect.stringMatching(/no such repository/),
    })
  })

  test.each([
    ['no JSON', '<html>'],
    ['no list', '{"error": 1}'],
    ['entries without sizes', '[{"type": "file", "path": "x"}]'],
  ])('an answer with %s is hub/answer', async (_, body) => {
    const strange: typeof fetch = async () => new Response(body)
    await expect(openSource('hf:a/b', { fetch: strange, openRemote })).rejects.toMatchObject({ code: 'hub/answer' })
  })
})

describe('other sources', () => {
  test('the URL of a folder opens files beneath it; that of a file, the file and those beside it', async () => {
    const { fileUrl } = await start()
    const inFolder = await openSource(fileUrl(''), { fetch, openRemote })
    expect(inFolder.file).toBeUndefined()
    expect(await readText(await inFolder.folder.open('README.md'))).toBe('# model')
    for (const more of ['?v=2', '#top']) {
      const { folder } = await openSource(fileUrl(more), { fetch, openRemote })
      expect(await readText(await folder.open('README.md'))).toBe('# model')
    }

    const single = await openSource(new URL(`${fileUrl('model.safetensors')}?download=1`), { fetch, openRemote })
    expect(single.file).toBe('model.safetensors')
    expect(await readText(await single.folder.open('model.safetensors'))).toBe('weights')
    expect(await readText(await single.folder.open('tokenizer.json'))).toBe('{}')
  })

  test('files of the user are a folder that can be listed', async () => {
    const files = [new File(['weights'], 'm.pth'), new File(['vocabulary'], 'vocab.txt')]
    const { folder, file } = await openSource(files, { fetch, openRemote })
    expect([[...(folder.files?.keys() ?? [])], file]).toEqual([['m.pth', 'vocab.txt'], undefined])
    expect(await readText(await folder.open('vocab.txt'))).toBe('vocabulary')
    await expect(folder.open('tokenizer.json')).rejects.toMatchObject({
      code: 'file/not-found',
      message: /m\.pth, vocab\.txt/,
    })
    const one = await openSource(files[0], { fetch, openRemote })
    expect(one.file).toBe('m.pth')
    await expect(openSource([], { fetch, openRemote })).rejects.toMatchObject({ code: 'option/invalid' })
    await expect(openSource(['x'] as unknown as File[], { fetch, openRemote })).rejects.toMatchObject({
      code: 'option/invalid',
    })
  })
})
