/** @file World vocabulary files made for tests. */

const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, '0')}`

/** The lines of a vocabulary file: the 256 single bytes as ids 1 … 256, then `more` as it is given. */
export function vocabularyLines(more: readonly Uint8Array[] = []): string[] {
  const tokens = [...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)), ...more]
  return tokens.map((bytes, index) => `${index + 1} b'${Array.from(bytes, hex).join('')}' ${bytes.length}`)
}

/** The same as a file; `more` may be texts. */
export function vocabularyText(more: readonly (Uint8Array | string)[] = []): string {
  const bytes = more.map((token) => (typeof token === 'string' ? new TextEncoder().encode(token) : token))
  return `${vocabularyLines(bytes).join('\n')}\n`
}
