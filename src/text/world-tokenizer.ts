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

/** What is wrong with an entry: what was found, and what was expected. */
type Refuse = (found: string, expected: string) => RwkvError

interface Entry {
  readonly id: string
  readonly bytes: Uint8Array
  readonly refuse: Refuse
}

/**
 * Parse a vocabulary file, or the JSON that converters make of it: an object of id -> text, or a list of bytes where they
 * are no text.
 * @param file its name, for messages.
 * @throws RwkvError `text/vocabulary` with the place, what was found and what was expected.
 */
export function parseWorldVocabulary(text: string, file: string): WorldVocabulary {
  const refuseAt = refusalsOf(file)
  return collect(/^\s*\{/.test(text) ? readJson(text, refuseAt) : readLines(text, refuseAt), file)
}

/**
 * The vocabulary that a GGUF file has: each token spelled as Python prints bytes, the end of a text in front, and behind it
 * what fills the head, which is never said.
 * @param file its name, for messages.
 * @throws RwkvError `text/vocabulary` as `parseWorldVocabulary`.
 */
export function worldVocabularyOf(spelled: readonly string[], file: string): WorldVocabulary {
  const end = spelled.findIndex((token, id) => token === `[PAD${id}]`)
  return collect(readSpelled(spelled.slice(1, end < 0 ? undefined : end), refusalsOf(file)), file)
}

const refusalsOf =
  (file: string) =>
  (place: string): Refuse =>
  (found, expected) =>
    new RwkvError(
      'text/vocabulary',
      `${file}${place}: found ${found}, expected ${expected}. Take the vocabulary file that came with the model.`,
    )

/** Entries as a vocabulary, checked. */
function collect(entries: Iterable<Entry>, file: string): WorldVocabulary {
  const tokens: Uint8Array[] = [NO_BYTES]
  const seen = new Map<string, number>()
  for (const { id, bytes, refuse } of entries) {
    if (id !== String(tokens.length))
      throw refuse(`id ${id.slice(0, 20)}`, `id ${tokens.length}: ids run from 1 without gaps`)
    const key = String.fromCharCode.apply(null, bytes as unknown as number[]) // a third of what `join` takes
    const earlier = seen.get(key)
    if (earlier !== undefined) throw refuse(`the bytes of token ${earlier} again`, 'each token once')
    seen.set(key, tokens.length)
    tokens.push(bytes)
  }
  for (let byte = 0; byte < 256; byte++) {
    if (!seen.has(String.fromCharCode(byte))) {
      throw new RwkvError(
        'text/vocabulary',
        `${file} has no token for the single byte ${byte}: expected all 256, so that any text can be encoded. Take the vocabulary file that came with the model.`,
      )
    }
  }
  return tokens
}

/** Lines of `id literal byteLength`. */
function* readLines(text: string, refuseAt: (place: string) => Refuse): Generator<Entry> {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const [index, raw] of lines.entries()) {
    const refuse = refuseAt(`, line ${index + 1}`)
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const show = () => JSON.stringify(line.slice(0, 60))
    const first = line.indexOf(' ')
    const last = line.lastIndexOf(' ')
    if (first < 1 || last <= first) throw refuse(show(), '`id literal byteLength`')
    const length = line.slice(last + 1)
    const byteLength = Number(length)
    if (!(byteLength >= 1 && byteLength <= MOST_BYTES) || length !== String(byteLength))
      throw refuse(`a length of ${length.slice(0, 20)}`, `1 to ${MOST_BYTES} bytes`)
    let bytes: Uint8Array
    try {
      bytes = parsePythonLiteral(line.slice(first + 1, last))
    } catch (error) {
      throw refuse(`${(error as Error).message} in ${show()}`, "a Python literal such as 'a' or b'\\xe2\\x80'")
    }
    if (bytes.length !== byteLength)
      throw refuse(`a literal of ${bytes.length} bytes`, `${byteLength} bytes, as the line says`)
    yield { id: line.slice(0, first), bytes, refuse }
  }
}

/** Tokens from id 1 on, without the quotes around them, so that one within may stand as it is. */
function* readSpelled(tokens: readonly string[], refuseAt: (place: string) => Refuse): Generator<Entry> {
  for (const [index, token] of tokens.entries()) {
    const refuse = refuseAt(`, token ${index + 1}`)
    let bytes: Uint8Array
    try {
      bytes = parsePythonLiteral(`b'${token.replace(/\\.|'/gs, (sign) => (sign === "'" ? "\\'" : sign))}'`)
    } catch (error) {
      const shown = JSON.stringify(token.slice(0, 60))
      throw refuse(`${(error as Error).message} in ${shown}`, 'bytes as Python prints them, such as \\xe2\\x80')
    }
    if (bytes.length === 0 || bytes.length > MOST_BYTES)
      throw refuse(`a token of ${bytes.length} bytes`, `1 to ${MOST_BYTES}`)
    yield { id: String(index + 1), bytes, refuse }
  }
}

/** An object of id -> text or bytes; ids 1 to 256 are the single bytes, also where they are written as characters. */
function* readJson(text: string, refuseAt: (place: string) => Refuse): Generator<Entry> {
  let tokens: object
  try {
    tokens = JSON.parse(text)
  } catch (error) {
    throw refuseAt('')((error as Error).message, 'JSON')
  }
  // Keys that are whole numbers come in their order, whatever the order of the file.
  for (const [id, token] of Object.entries(tokens)) {
    if (id === '0') continue // the end of a text
    const refuse = refuseAt(`, id ${id.slice(0, 20)}`)
    const isByte = Number(id) <= 256 && typeof token === 'string' && token.charCodeAt(0) === Number(id) - 1
    const bytes = isByte ? [Number(id) - 1] : typeof token === 'string' ? new TextEncoder().encode(token) : token
    if (!isBytes(bytes))
      throw refuse(JSON.stringify(token).slice(0, 60), `a text or a list of 1 to ${MOST_BYTES} bytes`)
    yield { id, bytes: Uint8Array.from(bytes), refuse }
  }
}

function isBytes(value: unknown): value is ArrayLike<number> {
  if (!Array.isArray(value) && !(value instanceof Uint8Array)) return false
  const isByte = (byte: unknown) => Number.isInteger(byte) && (byte as number) >= 0 && (byte as number) <= 255
  return value.length >= 1 && value.length <= MOST_BYTES && Array.from(value).every(isByte)
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
