import { expect, test } from 'vitest'
import { readGiven } from '../../src/core/given-bytes.ts'

const bytes = [1, 2, 3, 4, 5, 6, 7, 8]
const buffer = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, ...bytes, 9]).buffer
const shared = new Uint8Array(new SharedArrayBuffer(8))
shared.set(bytes)

test.each([
  ['a Blob', new Blob([Uint8Array.from(bytes)])],
  ['an ArrayBuffer', Uint8Array.from(bytes).buffer],
  ['a part of a larger buffer', new Uint8Array(buffer, 8, 8)],
  ['a DataView', new DataView(buffer, 8, 8)],
  ['an array of wider elements', new Float32Array(buffer, 8, 2)],
  ['shared memory', shared],
])('%s gives its bytes, in memory that is not shared', async (_, given) => {
  const read = await readGiven(given, 'x')
  expect([...read]).toEqual(bytes)
  expect(read.buffer).toBeInstanceOf(ArrayBuffer)
})

test.each([
  [null, 'null'],
  ['text', 'a string'],
  [{ length: 3 }, 'Object'],
  [[1, 2], 'Array'],
])('%j is refused by what it is', async (given, what) => {
  const message = `x is ${what}; expected a Uint8Array, an ArrayBuffer or a Blob.`
  await expect(readGiven(given, 'x')).rejects.toMatchObject({ code: 'option/invalid', message })
})
