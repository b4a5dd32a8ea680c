/**
 * @file Weights on their way from a file's dtype to a codec of the GPU. Nothing is decoded twice, NaN and infinity are
 * found by their bits, and a value that f16 cannot hold is refused rather than bent.
 */

import { RwkvError } from '../core/errors.ts'
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32 } from '../core/float16.ts'
import type { WeightFormat } from '../core/protocol.ts'
import type { HeldFormat } from '../core/weight-layout.ts'
import type { Dtype, TensorEntry } from '../file/checkpoint.ts'
import { quantize } from './quantize.ts'

const F16_MAX = 65_504

/** The format that holds what a file has, bit for bit. */
export const formatOf: Readonly<Record<Dtype, WeightFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' }

/** The format that holds a tensor's values bit for bit in the fewest bits. */
export const storedFormat = ({ dtype, held, isTurned }: TensorEntry): HeldFormat =>
  (isTurned ? undefined : held?.format) ?? formatOf[dtype]

/** What `encodeWeights` is told. */
export interface Encoding {
  readonly dtype: Dtype
  readonly codec: WeightFormat
  /** Of the tensor, for messages. */
  readonly name: string
  readonly columns?: number
  /** For f32 made of 16 bits; default: memory of their own. */
  readonly room?: Room
}

/** Gives memory for so many numbers. */
export type Room = (length: number) => Float32Array<ArrayBuffer>

/**
 * Encode whole weights for the GPU. What is in the codec already passes as it is.
 * @param bytes little-endian values of `dtype`, any alignment; for q8 and q4 whole rows of `columns` values (default: one row)
 * @returns bytes in `codec` that begin where its elements may; a view of `bytes` where nothing had to change
 * @throws RwkvError `model/not-finite`; `model/f16-range` if `codec` is f16 and a value is beyond ±65504.
 */
export function encodeWeights(
  bytes: Uint8Array,
  { dtype, room = (length) => new Float32Array(length), ...to }: Encoding,
): Uint8Array<ArrayBuffer> {
  const { codec, name } = to
  if (dtype === 'F32') {
    const values = new Float32Array(...aligned(bytes, 4))
    const { buffer, byteOffset, length } = values
    refuseNotFinite(new Uint32Array(buffer, byteOffset, length), 0x7f800000, name)
    return codec === 'f32' ? bytesOf(values) : round(values, { ...to, codec })
  }
  if (dtype === 'BF16' && codec === 'f16') return brainToHalf(new Uint16Array(...aligned(bytes, 2)), name)
  const bits = new Uint16Array(...aligned(bytes, 2))
  refuseNotFinite(bits, dtype === 'F16' ? 0x7c00 : BRAIN_INFINITE, name)
  if (codec === (dtype === 'F16' ? 'f16' : 'bf16')) return bytesOf(bits)
  const values = room(bits.length)
  if (dtype === 'F16') halfToFloat32(bits, values)
  else bfloat16ToFloat32(bits, values)
  return codec === 'f32' ? bytesOf(values) : round(values, { ...to, codec })
}

/** Finite values to a codec that does not hold all of them. */
function round(
  values: Float32Array,
  { codec, name, columns = values.length }: { codec: Exclude<WeightFormat, 'f32'>; name: string; columns?: number },
): Uint8Array<ArrayBuffer> {
  if (codec === 'f16') return toHalf(values, name)
  if (codec === 'bf16') return bytesOf(float32ToBfloat16(values))
  return quantize(codec, values, columns)
}

/** bf16 to f16 by a table of all there are: the common way of official files, so it is one pass. */
function brainToHalf(bits: Uint16Array, name: string): Uint8Array<ArrayBuffer> {
  brainTable ??= float32ToHalf(bfloat16ToFloat32(Uint16Array.from({ length: 0x10000 }, (_, value) => value)))
  const table = brainTable
  const halves = new Uint16Array(bits.length)
  let seen = 0
  for (let i = 0; i < bits.length; i++) {
    const half = table[bits[i] as number] as number
    halves[i] = half
    seen |= (half & 0x7c00) + 0x400 // reaches bit 15 where the f16 is infinite or NaN
  }
  if (seen & 0x8000) {
    refuseNotFinite(bits, BRAIN_INFINITE, name)
    return toHalf(bfloat16ToFloat32(bits), name) // says which value is out of range
  }
  return bytesOf(halves)
}

const BRAIN_INFINITE = 0x7f80
let brainTable: Uint16Array | undefined

function toHalf(values: Float32Array, name: string): Uint8Array<ArrayBuffer> {
  for (const value of values) {
    if (Math.abs(value) > F16_MAX) {
      throw new RwkvError(
        'model/f16-range',
        `${name} holds ${value}, beyond what f16 can hold (±${F16_MAX}). Load with weights: 'f32' or 'auto'.`,
      )
    }
  }
  const halves = new Uint16Array(values.length)
  float32ToHalf(values, halves)
  return bytesOf(halves)
}

/**
 * A number is NaN or infinite exactly when all bits of its exponent are set: then adding the lowest of them carries into
 * the sign's place. Two 16-bit numbers are looked at as one word; only if there is one to find, each by itself.
 */
function refuseNotFinite(bits: Uint32Array | Uint16Array, exponent: number, name: string): void {
  const isWide = bits.BYTES_PER_ELEMENT === 4
  const { buffer, byteOffset } = bits.byteOffset % 4 === 0 ? bits : bits.slice()
  const whole = isWide ? bits : new Uint32Array(buffer, byteOffset, bits.length >> 1)
  const mask = isWide ? exponent : exponent * 0x10001
  const lowest = mask & -mask
  const step = isWide ? lowest : lowest | (lowest << 16)
  const signs = isWide ? 0x80000000 : 0x80008000
  let seen = isWide || bits.length % 2 === 0 ? 0 : ((bits.at(-1) as number) & exponent) + lowest
  for (let i = 0; i < whole.length; i++) seen |= ((whole[i] as number) & mask) + step
  if ((seen & signs) === 0) return
  const place = bits.findIndex((value) => (value & exponent) === exponent)
  throw new RwkvError(
    'model/not-finite',
    `${name} holds a NaN or infinite weight (value ${place} of the part read). The file is damaged or its training failed; take another copy.`,
  )
}

/** Where the bytes lie, counted in elements of `size` bytes; copied only where they do not begin at such a place. */
function aligned(bytes: Uint8Array, size: number): [buffer: ArrayBuffer, byteOffset: number, length: number] {
  const { buffer, byteOffset, length } = bytes
  if (buffer instanceof ArrayBuffer && byteOffset % size === 0) return [buffer, byteOffset, length / size]
  return [new Uint8Array(bytes).buffer, 0, length / size]
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
