/** @file Writing safetensors: what sessions are saved as. The reader is `safetensors.ts`. */

import { checksumOf } from './checksum.ts'

/** A tensor to write: F32, F16 or U8, by its values. */
export interface TensorToWrite {
  readonly name: string
  readonly shape: readonly number[]
  /** One after the other; all of one kind. */
  readonly values: readonly (Float32Array | Uint16Array | Uint8Array)[]
}

const DTYPES: Readonly<Record<number, string>> = { 4: 'F32', 2: 'F16', 1: 'U8' }

/**
 * The bytes of a file: header padded to 8 bytes, tensors in their order without gaps. The checksum of all tensors, as
 * `checksumOf` has it, stands among the metadata as `checksum`.
 */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0
  const table = tensors.map(({ name, shape, values }) => {
    const begin = end
    for (const { byteLength } of values) end += byteLength
    return [name, { dtype: DTYPES[values[0]?.BYTES_PER_ELEMENT ?? 1], shape, data_offsets: [begin, end] }]
  })
  const headerWith = (checksum: string) =>
    new TextEncoder().encode(JSON.stringify({ __metadata__: { ...metadata, checksum }, ...Object.fromEntries(table) }))
  const headerLength = Math.ceil(headerWith('0'.repeat(32)).length / 8) * 8
  const file = new Uint8Array(8 + headerLength + end)
  const data = file.subarray(8 + headerLength)
  let at = 0
  for (const { buffer, byteOffset, byteLength } of tensors.flatMap(({ values }) => values)) {
    data.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true)
  file.fill(0x20, 8, 8 + headerLength)
  file.set(headerWith(checksumOf(data)), 8)
  return file
}
