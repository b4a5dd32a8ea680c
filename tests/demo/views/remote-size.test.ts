import { afterEach, expect, test, vi } from 'vitest'
import { remoteSizeOf } from '../../../demo/views/models/remote-size.ts'

afterEach(() => vi.unstubAllGlobals())

/** A network in which every file has seven bytes. */
function network(): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
    asked.push(`${method} ${url}`)
    return new Response(null, { headers: { 'content-length': '7' } })
  })
  return asked
}

test.each([
  ['hf:owner/repo/a b.pth', 'https://huggingface.co/owner/repo/resolve/main/a%20b.pth'],
  ['hf:owner/repo@v2/folder/model.gguf', 'https://huggingface.co/owner/repo/resolve/v2/folder/model.gguf'],
  ['https://a.test/model.pth', 'https://a.test/model.pth'],
])('the size of %s is asked of its server, without its bytes', async (source, url) => {
  const asked = network()
  expect(await remoteSizeOf(source)).toBe(7)
  expect(asked).toEqual([`HEAD ${url}`])
})

test.each(['hf:owner/repo', 'hf:owner/repo@v2', 'hf:owner/repo/folder/'])(
  'of %s nothing is asked: it may have several',
  async (source) => {
    const asked = network()
    expect(await remoteSizeOf(source)).toBeUndefined()
    expect(asked).toEqual([])
  },
)
