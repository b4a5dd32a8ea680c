/**
 * @file The World tokenizer: a vocabulary of byte strings, and greedy longest match over the UTF-8 of a text. Every single
 * byte is a token, so every text can be encoded. The file is one line a token, `id literal byteLength`.
 * Source: ChatRWKV's rwkv_vocab_v20230424.txt and the tokenizer beside it.
 */

import { RwkvError } from '../core/errors.ts'
import { parsePythonLiteral } from './python-literal.ts'
import type { Tokenizer } from './tokenizer.ts'

/** Tokens by id; index 0, the end of a text, is empty. */
export type WorldVocabulary = readonly Uint8Array[]

const MOST_BYTES = 1024 // of a token; the longest of the World vocabulary has 128
const NO_BYTES = new Uint8Array(0)

/**
 * Parse a vocabulary file.
 * @param file its name, for messages.
 * @throws RwkvError `text/vocabulary` with the line, what was found and what was expected.
 */
export function parseWorldVocabulary(text: string, file: string): WorldVocabulary {
  const tokens: Uint8Array[] = [NO_BYTES]
  const seen = new Map<string, number>()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  lines.forEach((raw, index) => {
    const refuse = (found: string, expected: string) =>
      new RwkvError(
        'text/vocabulary',
        `${file}, line ${index + 1}: found ${found}, expected ${expected}. Take the vocabulary file that came with the model.`,
      )
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const shown = JSON.stringify(line.slice(0, 60))
    const first = line.indexOf(' ')
    const last = line.lastIndexOf(' ')
    if (first < 1 || last <= first) throw refuse(shown, '`id literal byteLength`')
    const id = line.slice(0, first)
    if (id !== String(tokens.length))
      throw refuse(`id ${id.slice(0, 20)}`, `id ${tokens.length}: ids run from 1 without gaps`)
    const length = line.slice(last + 1)
    const byteLength = Number(length)
    if (!(byteLength >= 1 && byteLength <= MOST_BYTES) || length !== String(byteLength))
      throw refuse(`a length of ${length.slice(0, 20)}`, `1 to ${MOST_BYTES} bytes`)
    let bytes: Uint8Array
    try {
      bytes = parsePythonLiteral(line.slice(first + 1, last))
    } catch (error) {
      throw refuse(`${(error as Error).message} in ${shown}`, "a Python literal such as 'a' or b'\\xe2\\x80'")
    }
    if (bytes.length !== byteLength)
      throw refuse(`a literal of ${bytes.length} bytes`, `${byteLength} bytes, as the line says`)
    const key = bytes.join()
    const earlier = seen.get(key)
    if (earlier !== undefined) throw refuse(`the bytes of token ${earlier} again`, 'each token once')
    seen.set(key, tokens.length)
    tokens.push(bytes)
  })
  for (let byte = 0; byte < 256; byte++) {
    if (!seen.has(String(byte))) {
      throw new RwkvError(
        'text/vocabulary',
        `${file} has no token for the single byte ${byte}: expected all 256, so that any text can be encoded. Take the vocabulary file that came with the model.`,
      )
    }
  }
  return tokens
}

/** A tokenizer over a vocabulary. Encoding takes time proportional to the text. */
export function createWorldTokenizer(vocabulary: WorldVocabulary): Tokenizer {
  // The trie: node · 256 + byte -> the node below; and the token that ends at a node, if any.
  const below = new Map<number, number>()
  const endingAt: number[] = [0]
  vocabulary.forEach((bytes, id) => {
    let node = 0
    for (const byte of bytes) {
      const key = node * 256 + byte
      const next = below.get(key) ?? endingAt.push(0) - 1
      below.set(key, next)
      node = next
    }
    if (bytes.length > 0) endingAt[node] = id
  })

  return {
    size: vocabulary.length,
    encode(text) {
      const bytes = new TextEncoder().encode(text)
      const ids: number[] = []
      for (let at = 0; at < bytes.length; ) {
        let longest = 0
        let end = at
        let node: number | undefined = 0
        for (let i = at; i < bytes.length; i++) {
          node = below.get((node as number) * 256 + (bytes[i] as number))
          if (node === undefined) break
          const id = endingAt[node] as number
          if (id > 0) {
            longest = id
            end = i + 1
          }
        }
        ids.push(longest)
        at = end
      }
      return ids
    },
    bytesOf: (id) => vocabulary[id] ?? NO_BYTES,
    spellingOf: () => undefined, // there are no special tokens
    has: (id) => (vocabulary[id]?.length ?? 0) > 0,
  }
}
