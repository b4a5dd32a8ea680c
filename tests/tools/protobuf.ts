/** @file Writing protocol buffers: just what an ONNX file needs. Source: protobuf.dev/programming-guides/encoding. */

/** A field of a message: its number, and what it holds. Whole numbers become varints; lists are repeated fields. */
export type Field = readonly [
  number: number,
  value: number | bigint | string | Uint8Array | Float | Message | readonly (number | string | Message)[],
]

/** A message within a message. */
export interface Message {
  readonly fields: readonly Field[]
}

/** A 32-bit float, which would otherwise be taken for a whole number. */
export interface Float {
  readonly float: number
}

const VARINT = 0
const BYTES = 2
const FIXED32 = 5

/** A message of some fields. */
export const message = (...fields: readonly Field[]): Message => ({ fields })

/** The bytes of a message, its fields in their order. */
export function encodeMessage({ fields }: Message): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const one = (number: number, value: Exclude<Field[1], readonly unknown[]>) => {
    if (typeof value === 'number' || typeof value === 'bigint') {
      parts.push(varint((number << 3) | VARINT), varint(value))
    } else if (typeof value === 'object' && 'float' in value) {
      parts.push(varint((number << 3) | FIXED32), new Uint8Array(new Float32Array([value.float]).buffer))
    } else {
      const bytes = bytesOf(value)
      parts.push(varint((number << 3) | BYTES), varint(bytes.length), bytes)
    }
  }
  for (const [number, value] of fields) {
    if (isList(value)) for (const item of value) one(number, item)
    else one(number, value)
  }
  return joined(parts)
}

const isList = (value: Field[1]): value is readonly (number | string | Message)[] => Array.isArray(value)

function bytesOf(value: string | Uint8Array | Message): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  return value instanceof Uint8Array ? value : encodeMessage(value)
}

/** Seven bits a byte, the lowest first; negative numbers as two's complement of 64 bits. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 0x80 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
