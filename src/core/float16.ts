/**
 * @file Conversions between float32 and the two 16-bit formats of model files, a whole array at a time. Weights pass
 * through here on their way from the file to the GPU, so this is bits and a table, with no allocation per element.
 */

/** float32 bits of each half; made on first use (256 KiB). */
let halfTable: Uint32Array | undefined

/**
 * IEEE half (f16 bits) to f32, exactly; NaN payloads are kept.
 * @param target filled from its start if given (at least as long as `source`), else allocated.
 * @throws RangeError if `target` is too short.
 */
export function halfToFloat32(
  source: Uint16Array,
  target = new Float32Array(source.length),
): Float32Array<ArrayBuffer> {
  checkRoom(source.length, target.length)
  halfTable ??= createHalfTable()
  const table = halfTable
  const bits = new Uint32Array(target.buffer, target.byteOffset, source.length)
  for (let i = 0; i < source.length; i++) bits[i] = table[source[i] as number] as number
  return target
}

/**
 * bfloat16 (the upper half of an f32) to f32, exactly.
 * @param target filled from its start if given (at least as long as `source`), else allocated.
 * @throws RangeError if `target` is too short.
 */
export function bfloat16ToFloat32(
  source: Uint16Array,
  target = new Float32Array(source.length),
): Float32Array<ArrayBuffer> {
  checkRoom(source.length, target.length)
  const bits = new Uint32Array(target.buffer, target.byteOffset, source.length)
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] as number) << 16
  return target
}

/**
 * f32 to IEEE half (f16 bits), rounded to the nearest, ties to even: 65520 and more becomes infinity, less than 2^-24
 * rounds to a subnormal or zero of the same sign, NaN stays NaN.
 * @param target filled from its start if given (at least as long as `source`), else allocated.
 * @throws RangeError if `target` is too short.
 */
export function float32ToHalf(source: Float32Array, target = new Uint16Array(source.length)): Uint16Array<ArrayBuffer> {
  checkRoom(source.length, target.length)
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  for (let i = 0; i < source.length; i++) {
    const word = bits[i] as number
    const sign = (word >>> 16) & 0x8000
    const magnitude = word & 0x7fffffff
    if (magnitude >= 0x38800000 && magnitude < 0x47800000) {
      // 2^-14 <= |x| < 65536: rebias the exponent and round off 13 bits; a carry may run into the exponent, as it should.
      target[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
    } else if (magnitude < 0x38800000) {
      target[i] = sign | roundToSubnormal(magnitude)
    } else {
      const isNotANumber = magnitude > 0x7f800000
      target[i] = sign | (isNotANumber ? 0x7e00 | ((magnitude >>> 13) & 0x1ff) : 0x7c00)
    }
  }
  return target
}

/**
 * Finite f32 to bfloat16, rounded to the nearest, ties to even; what is nearer to infinity becomes infinite.
 * @param target filled from its start if given (at least as long as `source`), else allocated.
 * @throws RangeError if `target` is too short.
 */
export function float32ToBfloat16(
  source: Float32Array,
  target = new Uint16Array(source.length),
): Uint16Array<ArrayBuffer> {
  checkRoom(source.length, target.length)
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  for (let i = 0; i < source.length; i++) {
    const word = bits[i] as number
    target[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return target
}

/** |x| < 2^-14 as a multiple of 2^-24, ties to even. */
function roundToSubnormal(magnitude: number): number {
  const exponent = magnitude >>> 23
  if (exponent < 102) return 0 // less than 2^-25, half of the smallest subnormal
  const shift = 126 - exponent // 14 to 24
  const significand = (magnitude & 0x7fffff) | 0x800000
  return (significand + (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1)) >>> shift
}

function createHalfTable(): Uint32Array {
  const table = new Uint32Array(0x10000)
  const value = new Float32Array(1)
  const valueBits = new Uint32Array(value.buffer)
  for (let half = 0; half < 0x8000; half++) {
    const exponent = half >>> 10
    const fraction = half & 0x3ff
    if (exponent === 0) {
      value[0] = fraction * 2 ** -24
      table[half] = valueBits[0] as number
    } else {
      table[half] = ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)
    }
    table[half | 0x8000] = (table[half] as number) | 0x80000000
  }
  return table
}

function checkRoom(needed: number, room: number): void {
  if (room < needed) throw new RangeError(`the target has room for ${room} elements, ${needed} are needed`)
}
