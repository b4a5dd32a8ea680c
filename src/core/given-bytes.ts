/** @file Bytes as callers have them: in a Blob, an ArrayBuffer or a view of one, of whatever element type. */

import { RwkvError } from './errors.ts'

/** Bytes in memory or in a Blob. */
export type GivenBytes = Blob | ArrayBufferLike | ArrayBufferView

/** True for bytes in memory, as they are or in a view. */
export function isInMemory(value: unknown): value is ArrayBufferLike | ArrayBufferView {
  return ArrayBuffer.isView(value) || /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
}

/**
 * The bytes, in memory that is not shared; copied only where it is.
 * @param name of the argument, for the message
 * @throws RwkvError `option/invalid` for anything that holds no bytes, saying what it is
 */
export async function readGiven(value: unknown, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (value instanceof Blob) return new Uint8Array(await value.arrayBuffer())
  if (!isInMemory(value))
    throw new RwkvError(
      'option/invalid',
      `${name} is ${sayKind(value)}; expected a Uint8Array, an ArrayBuffer or a Blob.`,
    )
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(value) ? value : new Uint8Array(value)
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength))
}

/** What a value is, in a word for a message. */
export function sayKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : `a ${typeof value}`
}
