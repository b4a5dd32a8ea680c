/**
 * @file What bytes are known by. SHA-256: of a chunk by the platform, and of a whole file as it comes by, by a library
 * fetched when it is needed. Of a chunk that is kept also a checksum, for each time it is read.
 */

import { checksumOf } from './checksum.ts'

/** Lower-case hexadecimal SHA-256 of `bytes`. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** What a kept chunk is known by: its SHA-256 and its checksum. */
export async function stampOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `${await sha256Of(bytes)}-${checksumOf(bytes)}`
}

/** As `stampOf` writes it. */
export const STAMP = /^[0-9a-f]{64}-[0-9a-f]{32}$/

/** Whether `bytes` are undamaged, as far as the checksum of their stamp tells. */
export function isUndamaged(bytes: Uint8Array<ArrayBuffer>, stamp: string): boolean {
  return stamp.endsWith(`-${checksumOf(bytes)}`)
}

/** A hash of bytes that come in parts. */
export interface StreamingHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** A fresh streaming SHA-256. */
export async function createStreamingHash(): Promise<StreamingHash> {
  const { sha256 } = await import('./sha256.ts')
  return sha256.create()
}

/** Bytes as lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
