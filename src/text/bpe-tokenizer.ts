/**
 * @file Byte-level BPE from a `tokenizer.json`, as Pile and Raven models use it (GPT-NeoX "20B"). Encoding is
 * @huggingface/tokenizers', fetched only when such a model is loaded; special tokens are found here, so that a text can do
 * without them, and ids become bytes here, so that the streaming detokenizer works as for World. Only what these models
 * need is let through: no pattern of the file is ever run.
 */

import { RwkvError } from '../core/errors.ts'
import type { Tokenizer } from './tokenizer.ts'

/** A checked `tokenizer.json`. */
export interface BpeVocabulary {
  /** What the library is given: the file's model and added tokens that are not special, and nothing else of it. */
  readonly definition: object
  /** Bytes by id; empty for ids that stand for no text. */
  readonly bytes: readonly Uint8Array[]
  /** Spelling -> id, of special tokens. */
  readonly special: ReadonlyMap<string, number>
}

/**
 * How ByteLevel cuts a text into words before it merges, with white space in the sense of Unicode, as the library has it
 * that these models were trained with: JavaScript's \s counts U+FEFF in and U+0085 out.
 */
const WORDS =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+"

const MOST_TOKENS = 1_000_000
const MOST_LENGTH = 1024
const NO_BYTES = new Uint8Array(0)

/** Printable characters stand for themselves, the other bytes for characters from U+0100 on, in order. */
const BYTE_OF: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>()
  let next = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    map.set(String.fromCodePoint(isPrintable ? byte : next++), byte)
  }
  return map
})()

/**
 * Check a `tokenizer.json`: a byte-level BPE with at most NFC before it.
 * @param file its name, for messages
 * @throws RwkvError `text/vocabulary`.
 */
export function parseBpeVocabulary(text: string, file: string): BpeVocabulary {
  const refuse = (found: string): RwkvError =>
    new RwkvError(
      'text/vocabulary',
      `${file} is not a tokenizer this release knows: ${found}; expected byte-level BPE, as of GPT-NeoX 20B. Take the tokenizer.json that came with the model.`,
    )
  let root: Fields
  try {
    root = fieldsOf(JSON.parse(text))
  } catch {
    throw refuse('it is not JSON')
  }
  const model = fieldsOf(root('model'))
  const type = model('type') ?? 'BPE'
  if (type !== 'BPE') throw refuse(`its model is ${show(type)}`)
  for (const [part, allowed] of [
    ['normalizer', [undefined, 'NFC']],
    ['pre_tokenizer', ['ByteLevel']],
    ['decoder', [undefined, 'ByteLevel']],
  ] as const) {
    const found = fieldsOf(root(part))('type')
    if (!(allowed as readonly unknown[]).includes(found)) throw refuse(`its ${part} is ${show(found)}`)
  }

  const vocabulary = model('vocab')
  const merges = model('merges')
  if (!isRecord(vocabulary) || !Array.isArray(merges)) throw refuse('it has no vocab or no merges')
  const entries = Object.entries(vocabulary)
  if (entries.length === 0 || entries.length > MOST_TOKENS || merges.length > MOST_TOKENS) {
    throw refuse(`it has ${entries.length} tokens and ${merges.length} merges`)
  }
  const bytes: (Uint8Array | undefined)[] = []
  const put = (id: unknown, value: Uint8Array, isAgain: boolean): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MOST_TOKENS)
      throw refuse(`a token has id ${show(id)}`)
    if (bytes[id] && !isAgain) throw refuse(`two tokens have id ${id}`)
    bytes[id] = value
  }
  for (const [token, id] of entries) put(id, bytesOfToken(token, refuse), false)
  const added = root('added_tokens') ?? []
  if (!Array.isArray(added) || added.length > MOST_TOKENS) throw refuse('its added_tokens are no list')
  const special = new Map<string, number>()
  const addedTokens = added.flatMap((value) => {
    const token = fieldsOf(value)
    const content = token('content')
    if (typeof content !== 'string' || content === '' || content.length > MOST_LENGTH)
      throw refuse(`an added token is ${show(content)}`)
    const id = token('id')
    const isSpecial = token('special') === true
    put(id, isSpecial ? NO_BYTES : new TextEncoder().encode(content), Object.hasOwn(vocabulary, content))
    const flags = ['single_word', 'lstrip', 'rstrip', 'normalized'].map((name) => [name, token(name) === true] as const)
    if (!isSpecial) return [{ id, content, special: false, ...Object.fromEntries(flags) }]
    const [greedy] = flags.find(([name, isSet]) => isSet && name !== 'normalized') ?? []
    if (greedy) throw refuse(`its special token ${show(content)} has ${greedy}`)
    special.set(content, id as number)
    return []
  })
  for (let id = 0; id < bytes.length; id++) if (!bytes[id]) throw refuse(`no token has id ${id}`)
  const pairs = merges.map((merge: unknown) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
    if (!isPair) throw refuse(`a merge is ${show(merge)}`)
    return pair as [string, string]
  })
  const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }
  const definition = {
    version: '1.0',
    added_tokens: addedTokens,
    normalizer: fieldsOf(root('normalizer'))('type') ? { type: 'NFC' } : null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
        { ...level, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: level,
    model: { type: 'BPE', vocab: vocabulary, merges: pairs },
  }
  return { definition, bytes: bytes as Uint8Array[], special }
}

/**
 * A tokenizer over a checked vocabulary; fetches the library.
 * @throws RwkvError `text/vocabulary` if the library cannot be had or refuses the vocabulary.
 */
export async function createBpeTokenizer(
  { definition, bytes, special }: BpeVocabulary,
  file: string,
): Promise<Tokenizer> {
  let encoder: { encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] } }
  try {
    const { Tokenizer } = await import('./bpe-encoder.ts')
    encoder = new Tokenizer(definition, {})
  } catch (cause) {
    throw new RwkvError(
      'text/vocabulary',
      `${file} could not be made into a tokenizer: ${String(cause).slice(0, 200)}. Take the tokenizer.json that came with the model.`,
      { cause },
    )
  }
  const spellings = new Map(Array.from(special, ([spelling, id]) => [id, spelling]))
  const anySpecial = patternOf([...special.keys()])
  const encodeText = (text: string) => (text === '' ? [] : encoder.encode(text, { add_special_tokens: false }).ids)
  return {
    size: bytes.length,
    encode(text, isSpecial = () => true) {
      const parts: number[][] = []
      let done = 0
      for (const { 0: spelling, index } of text.matchAll(anySpecial)) {
        if (!isSpecial(spelling, index)) continue
        parts.push(encodeText(text.slice(done, index)), [special.get(spelling) as number])
        done = index + spelling.length
      }
      return [...parts, encodeText(text.slice(done))].flat()
    },
    spellingOf: (id) => spellings.get(id),
    bytesOf: (id) => bytes[id] ?? NO_BYTES,
    has: (id) => (bytes[id]?.length ?? 0) > 0,
  }
}

/** Finds any of `texts`, of several at one place the longest; nothing if there are none. */
function patternOf(texts: readonly string[]): RegExp {
  const escaped = texts
    .toSorted((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(escaped.length > 0 ? escaped.join('|') : '(?!)', 'g')
}

function bytesOfToken(token: string, refuse: (found: string) => RwkvError): Uint8Array {
  if (token === '' || token.length > MOST_LENGTH) throw refuse(`a token of ${token.length} characters`)
  const bytes: number[] = []
  for (const character of token) {
    const byte = BYTE_OF.get(character)
    // Special tokens stand in the vocabulary as they are written; their bytes come from added_tokens.
    if (byte === undefined) return new TextEncoder().encode(token)
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

type Fields = (name: string) => unknown

/** Own fields of a value that may be anything. */
function fieldsOf(value: unknown): Fields {
  return (name) => (isRecord(value) && Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}
