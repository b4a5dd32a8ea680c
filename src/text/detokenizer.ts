/** @file Ids back to text, streaming: a character whose bytes come in several tokens is shown when it is whole. */

import { bytesOfAll, type Tokenizer } from './tokenizer.ts'

/** Collects bytes and gives out whole characters. Bytes that are not UTF-8 become U+FFFD. */
export interface Detokenizer {
  /** The text that `id` completes; may be empty. */
  push(id: number): string
  /** What `push(id)` would give; nothing changes. */
  peek(id: number): string
  /** What is left of a character that will not be completed, as U+FFFD. */
  flush(): string
  /** True if the bytes so far end within a character. */
  readonly midCharacter: boolean
}

/** A detokenizer at the start of a text. */
export function createDetokenizer(tokenizer: Tokenizer): Detokenizer {
  const decoder = createDecoder()
  let tail: number[] = [] // the last bytes: as many as an unfinished character can have
  return {
    push(id) {
      const bytes = tokenizer.bytesOf(id)
      tail = [...tail, ...bytes.subarray(-3)].slice(-3)
      return decoder.decode(bytes, { stream: true })
    },
    peek(id) {
      const probe = createDecoder()
      probe.decode(Uint8Array.from(tail), { stream: true })
      return probe.decode(tokenizer.bytesOf(id), { stream: true })
    },
    flush() {
      tail = []
      return decoder.decode()
    },
    get midCharacter() {
      const probe = createDecoder()
      probe.decode(Uint8Array.from(tail), { stream: true })
      return probe.decode() !== ''
    },
  }
}

/** The text of `ids`, as a reply would show it. @throws RwkvError `text/unknown-id`. */
export function decode(tokenizer: Tokenizer, ids: readonly number[]): string {
  return createDecoder().decode(bytesOfAll(tokenizer, ids))
}

/** The text that `ids` come from: as `decode`, with special tokens as they are spelled. @throws RwkvError `text/unknown-id`. */
export function decodeAll(tokenizer: Tokenizer, ids: readonly number[]): string {
  const { size, bytesOf, spellingOf } = tokenizer
  const bytesOrSpelling = (id: number) => {
    const spelling = spellingOf(id)
    return spelling === undefined ? bytesOf(id) : new TextEncoder().encode(spelling)
  }
  return createDecoder().decode(bytesOfAll({ size, bytesOf: bytesOrSpelling }, ids))
}

// A byte order mark is text like any other here.
const createDecoder = () => new TextDecoder('utf-8', { ignoreBOM: true })
