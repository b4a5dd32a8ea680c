/**
 * @file Builds safetensors files in memory, sound ones and, by the options, damaged ones.
 */

import { float32ToHalf } from '../../src/core/float16.ts'

/** A tensor to write: its `bytes` as they are, or `values` encoded as `dtype` (F32, F16, BF16), or zeros. */
export interface TensorToWrite {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes?: Uint8Array
  readonly values?: ArrayLike<number>
}

/** How the file is to differ from the plainest one. */
export interface BuildOptions {
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The header is padded with spaces to a multiple of this, less 8; 8 by default, 1 pads nothing. */
  readonly align?: number
  /** In place of the true header; text or bytes. */
  readonly header?: string | Uint8Array
  /** In place of the header's true length. */
  readonly headerLength?: bigint
  /** In place of the tensors' bytes. */
  readonly data?: Uint8Array
}

const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  U8: 1,
  BOOL: 1,
}

/** The bytes of a safetensors file of `tensors`, in their order. */
export function buildSafetensors(
  tensors: readonly TensorToWrite[],
  options: BuildOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts = tensors.map(encode)
  const entries: [string, unknown][] = options.metadata ? [['__metadata__', options.metadata]] : []
  let end = 0
  tensors.forEach(({ name, dtype, shape }, index) => {
    const begin = end
    end += parts[index]?.length ?? 0
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }])
  })
  const json = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`
  const align = options.align ?? 8
  const plain = new TextEncoder().encode(json)
  const padded = new TextEncoder().encode(json + ' '.repeat((align - (plain.length % align)) % align))
  const header =
    typeof options.header === 'string' ? new TextEncoder().encode(options.header) : (options.header ?? padded)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, options.headerLength ?? BigInt(header.length), true)
  return concat([length, header, ...(options.data ? [options.data] : parts)])
}

/** Parts one after another. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function encode({ dtype, shape, bytes, values }: TensorToWrite): Uint8Array {
  if (bytes) return bytes
  if (!values) return new Uint8Array(shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype] ?? 1))
  const floats = Float32Array.from(values)
  if (dtype === 'F32') return new Uint8Array(floats.buffer)
  if (dtype === 'F16') return new Uint8Array(float32ToHalf(floats).buffer)
  if (dtype === 'BF16')
    return new Uint8Array(Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16).buffer)
  throw new Error(`values cannot be written as ${dtype}; give bytes`)
}
