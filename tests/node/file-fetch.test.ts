import { expect, test } from 'vitest'
import { fileFetch } from '../../src/node/file-fetch.ts'

test('a file that is not there is a 404, as from a server', async () => {
  const { status } = await fileFetch(new URL('no-such-file.json', import.meta.url))
  expect(status).toBe(404)
})
