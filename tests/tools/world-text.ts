/** @file The smallest World vocabulary: every single byte, ids 1 to 256. */

/** Its text; `more` lines follow. */
export function worldVocabulary(more: readonly string[] = []): string {
  const bytes = Array.from({ length: 256 }, (_, byte) => {
    const hex = byte.toString(16).padStart(2, '0')
    return `${byte + 1} b'\\x${hex}' 1\n`
  })
  return bytes.join('') + more.map((line) => `${line}\n`).join('')
}
