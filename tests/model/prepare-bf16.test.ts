import { expect, test } from 'vitest'
import { bfloat16ToFloat32, float32ToHalf } from '../../src/core/float16.ts'
import { encodeWeights } from '../../src/model/prepare.ts'

test('every finite bf16 within the range of f16 becomes the f16 that f32 rounds to, and every other is refused', () => {
  const fits: number[] = []
  for (let bits = 0; bits < 0x10000; bits++) {
    const one = Uint16Array.of(bits)
    const [value = 0] = bfloat16ToFloat32(one)
    const encode = () => encodeWeights(new Uint8Array(one.buffer.slice(0)), { dtype: 'BF16', codec: 'f16', name: 'w' })
    if (Math.abs(value) <= 65_504) fits.push(bits)
    else
      expect(encode, String(value)).toThrow(
        expect.objectContaining({ code: Number.isFinite(value) ? 'model/f16-range' : 'model/not-finite' }),
      )
  }
  const all = Uint16Array.from(fits)
  const encoded = encodeWeights(new Uint8Array(all.buffer), { dtype: 'BF16', codec: 'f16', name: 'w' })
  expect(new Uint16Array(encoded.buffer)).toEqual(float32ToHalf(bfloat16ToFloat32(all)))
})
