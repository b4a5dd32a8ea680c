import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksumOf } from '../../src/file/checksum.ts'

const chunk = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => new Uint8Array(bytes))

test('any one changed byte changes the checksum', () => {
  fc.assert(
    fc.property(chunk, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, place, change) => {
      const damaged = bytes.slice()
      const at = place % bytes.length
      damaged[at] = (damaged[at] as number) ^ change
      expect(checksumOf(damaged)).not.toBe(checksumOf(bytes))
    }),
  )
})

test('swapped words, lost ends and zeros in place of bytes change it too', () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  const words = new Uint32Array(bytes.slice().buffer)
  ;[words[3], words[7]] = [words[7] as number, words[3] as number]
  const others = [
    new Uint8Array(words.buffer),
    bytes.slice(0, -1),
    bytes.slice(0, -16),
    bytes.slice().fill(0, 512, 1024),
    new Uint8Array(4096),
    new Uint8Array(4097),
  ]
  const all = [bytes, ...others].map(checksumOf)
  expect(new Set(all).size).toBe(all.length)
})

test('it is of the bytes, wherever they lie', () => {
  const bytes = Uint8Array.from({ length: 99 }, (_, i) => i)
  const inside = new Uint8Array(128)
  inside.set(bytes, 8)
  expect(checksumOf(inside.subarray(8, 107))).toBe(checksumOf(bytes))
})
