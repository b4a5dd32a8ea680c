/** @file SHA-256: of a chunk by the platform, and of a whole file as it comes by, by a library fetched when it is needed. */

/** Lower-case hexadecimal SHA-256 of `bytes`. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** A hash of bytes that come in parts. */
export interface StreamingHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** A fresh streaming SHA-256. */
export async function createStreamingHash(): Promise<StreamingHash> {
  const { sha256 } = await import('@noble/hashes/sha2.js')
  return sha256.create()
}

/** Bytes as lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
