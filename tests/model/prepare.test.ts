import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { encodeWeights } from '../../src/model/prepare.ts'

type Dtype = 'F32' | 'F16' | 'BF16'

const encode = (bytes: Uint8Array, dtype: Dtype, codec: WeightFormat) =>
  encodeWeights(bytes, { dtype, codec, name: 'blocks.0.att.key.weight' })
const floats = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)
const words = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer)
const bytesOf = (array: Float32Array | Uint16Array | Uint32Array) => new Uint8Array(array.buffer)

/** The value of a half, by its definition. */
function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** |value| in units of 2^-149 · 2^-3, so that halves and the middles between them are whole numbers. */
const exact = (value: number): bigint => {
  const bits = new Uint32Array(Float32Array.of(Math.abs(value)).buffer)[0]
  const exponent = bits >>> 23
  const significand = BigInt(bits & 0x7fffff) + (exponent > 0 ? 0x800000n : 0n)
  return (significand << BigInt(Math.max(exponent, 1) - 1)) << 3n
}

/** True if no half is nearer to `value`, and none as near that is even while `half` is odd. */
function isNearest(half: number, value: number): boolean {
  const distance = (other: number) => {
    const difference = exact(value) - exact(valueOfHalf(other & 0x7fff))
    return difference < 0n ? -difference : difference
  }
  const own = distance(half)
  const magnitude = half & 0x7fff
  const neighbours = [magnitude - 1, magnitude + 1].filter((other) => other >= 0 && other < 0x7c00)
  const isSigned = ((half & 0x8000) !== 0) === (value < 0 || Object.is(value, -0))
  return isSigned && neighbours.every((other) => own < distance(other) || (own === distance(other) && half % 2 === 0))
}

describe('encodeWeights', () => {
  test('every finite bf16 becomes the f32 with the same upper bits', () => {
    const finite = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => (bits & 0x7f80) !== 0x7f80)
    const encoded = new Uint32Array(encode(bytesOf(finite), 'BF16', 'f32').buffer)
    expect(encoded).toHaveLength(finite.length)
    expect(finite.filter((bits, i) => encoded[i] !== bits * 65536)).toHaveLength(0)
  })

  test('every finite f16 becomes its value as f32, and stays itself as f16', () => {
    const finite = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00)
    const encoded = floats(encode(bytesOf(finite), 'F16', 'f32'))
    expect(finite.filter((bits, i) => encoded[i] !== valueOfHalf(bits))).toHaveLength(0)
    expect(words(encode(bytesOf(finite), 'F16', 'f16'))).toEqual(finite)
  })

  test('f32 stays as it is, to the bit', () => {
    const law = fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 }), (values) => {
      const bytes = bytesOf(values.slice())
      expect(encode(bytes.slice(), 'F32', 'f32')).toEqual(bytes)
    })
    fc.assert(law)
  })

  test('f32 becomes the nearest f16, of two as near the even one, in order', () => {
    const small = fc.float({ min: -1, max: 1, noNaN: true })
    const any = fc.float({ min: -65504, max: 65504, noNaN: true })
    const tiny = fc.integer({ min: -5000, max: 5000 }).map((n) => n * 2 ** -28)
    const middle = fc.nat(0x7bfe).map((half) => (valueOfHalf(half) + valueOfHalf(half + 1)) / 2)
    const law = fc.property(fc.array(fc.oneof(small, any, tiny, middle), { minLength: 1, maxLength: 9 }), (values) => {
      const halves = words(encode(bytesOf(Float32Array.from(values)), 'F32', 'f16'))
      expect(halves).toHaveLength(values.length)
      expect(values.filter((value, i) => !isNearest(halves[i], value))).toEqual([])
    })
    fc.assert(law, { numRuns: 2000 })
  })

  test('bf16 becomes f16 by way of its value', () => {
    const values = Float32Array.of(1, -2.5, 65280, 2 ** -24, 2 ** -25, 1.0078125, -0)
    const bf16 = Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16)
    const expected = [0x3c00, 0xc100, 0x7bf8, 1, 0, 0x3c08, 0x8000]
    expect([...words(encode(bytesOf(bf16), 'BF16', 'f16'))]).toEqual(expected)
  })

  test('wherever the bytes lie in their buffer, the result is the same, begins where its elements may, and leaves what is around', () => {
    const values = Float32Array.of(1.5, -2, 3e-5)
    for (const offset of [1, 2, 3, 4]) {
      for (const codec of ['f32', 'f16'] as const) {
        const buffer = new Uint8Array(32).fill(0xff)
        buffer.set(bytesOf(values), offset)
        const encoded = encode(buffer.subarray(offset, offset + 12), 'F32', codec)
        expect(encoded).toEqual(encode(bytesOf(values.slice()), 'F32', codec))
        expect(encoded.byteOffset % (codec === 'f32' ? 4 : 2)).toBe(0)
        expect([buffer[offset - 1], buffer[offset + 12]]).toEqual([0xff, 0xff])
      }
    }
  })

  const sign: [string, number][] = [
    ['NaN', 0x7fc0_0000],
    ['a NaN of one low bit', 0x7f80_0001],
    ['a NaN with a sign', 0xffc0_0000],
    ['Infinity', 0x7f80_0000],
    ['-Infinity', 0xff80_0000],
  ]
  const planted = sign.flatMap(([what, bits]): [string, Dtype, Uint8Array][] => {
    const half = bits === 0x7f80_0001 ? 0x7c01 : ((bits >>> 16) & 0x8000) | 0x7c00 | (bits & 0x40_0000 ? 0x200 : 0)
    const bfloat = bits === 0x7f80_0001 ? 0x7f81 : bits >>> 16
    return [
      [what, 'F32', bytesOf(Uint32Array.of(0x3f80_0000, 0, bits, 0x3f80_0000))],
      [what, 'F16', bytesOf(Uint16Array.of(0x3c00, 0, half, 0x3c00))],
      [what, 'BF16', bytesOf(Uint16Array.of(0x3f80, 0, bfloat, 0x3f80))],
    ]
  })
  test.each(planted)('%s in %s is found, whatever it was to become', (_, dtype, bytes) => {
    for (const codec of ['f32', 'f16'] as const) {
      expect(() => encode(bytes.slice(), dtype, codec)).toThrow(
        expect.objectContaining({
          code: 'model/not-finite',
          message: expect.stringMatching(/^blocks\.0\.att\.key\.weight .*value 2 /),
        }),
      )
    }
  })

  test.each([65505, 65520, -65536, 3e38])('%d is beyond f16: refused there, kept in f32', (value) => {
    const bytes = bytesOf(Float32Array.of(1, value))
    const refusal = expect.objectContaining({
      code: 'model/f16-range',
      message: expect.stringMatching(/^blocks\.0\.att\.key\.weight holds -?\d.* Load with weights: 'f32' or 'auto'/),
    })
    expect(() => encode(bytes.slice(), 'F32', 'f16')).toThrow(refusal)
    expect(floats(encode(bytes.slice(), 'F32', 'f32'))[1]).toBe(Math.fround(value))
  })

  test('a bf16 beyond f16 is refused there, and 65504 is not beyond', () => {
    expect(() => encode(bytesOf(Uint16Array.of(0x4780)), 'BF16', 'f16')).toThrow(
      expect.objectContaining({ code: 'model/f16-range' }),
    )
    expect([...words(encode(bytesOf(Float32Array.of(65504, -65504)), 'F32', 'f16'))]).toEqual([0x7bff, 0xfbff])
  })
})
