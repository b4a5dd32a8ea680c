import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeMessage, message } from './protobuf.ts'
import { readMessage } from './read-protobuf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a message', () => {
  // The examples of protobuf.dev/programming-guides/encoding.
  test.each([
    ['a number', message([1, 150]), '089601'],
    ['a text', message([2, 'testing']), '120774657374696e67'],
    ['a message within', message([3, message([1, 150])]), '1a03089601'],
    ['a negative number', message([1, -2]), '08feffffffffffffffff01'],
    ['a repeated field', message([4, 'hello'], [5, [1, 2, 3]]), '220568656c6c6f280128022803'],
    ['a float', message([2, { float: 1 }]), '150000803f'],
    ['an empty list', message([5, []]), ''],
    ['bytes', message([9, Uint8Array.of(0, 255)]), '4a0200ff'],
  ])('with %s is encoded as the guide says', (_, written, expected) => {
    expect(hex(encodeMessage(written))).toBe(expected)
  })

  test('read back has the numbers, texts and messages that were written', () => {
    const number = fc.integer({ min: 1, max: 2 ** 20 })
    fc.assert(
      fc.property(number, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.string(), (field, value, text) => {
        const inner = message([field, text])
        const read = readMessage(encodeMessage(message([field, value], [field + 1, inner])))
        expect(read.get(field)).toEqual([value])
        const [bytes] = readMessage(read.get(field + 1)?.[0] as Uint8Array<ArrayBuffer>).get(field) ?? []
        expect(new TextDecoder().decode(bytes as Uint8Array)).toBe(
          new TextDecoder().decode(new TextEncoder().encode(text)),
        )
      }),
    )
  })
})
