/** @file What every tokenizer does: text to ids, and ids to bytes. */

import { RwkvError } from '../core/errors.ts'

/** Turns text into ids and back. Ids run from 0 to `size` - 1; some of them may stand for no text, such as 0, the end. */
export interface Tokenizer {
  readonly size: number
  /** @param isSpecial which spellings of special tokens become their ids; the others are text like any other. Default: all */
  encode(text: string, isSpecial?: IsSpecial): number[]
  /** The bytes of a token; empty for ids that stand for no text. Do not write to the result. */
  bytesOf(id: number): Uint8Array
  /** How a special token, which stands for no text, is spelled in a text that `encode` knows it in. */
  spellingOf(id: number): string | undefined
  /** True if the id stands for text. */
  has(id: number): boolean
}

/** Whether a special token that is spelled out at `at`, in UTF-16 units of the text, is meant as one. */
export type IsSpecial = (spelling: string, at: number) => boolean

/** All bytes of `ids`, one after the other. @throws RwkvError `text/unknown-id` for what is no whole number from 0 on. */
export function bytesOfAll(
  tokenizer: Pick<Tokenizer, 'size' | 'bytesOf'>,
  ids: readonly number[],
): Uint8Array<ArrayBuffer> {
  const pieces = ids.map((id) => {
    if (Number.isInteger(id) && id >= 0) return tokenizer.bytesOf(id)
    throw new RwkvError(
      'text/unknown-id',
      `Token id ${id} is not in the vocabulary: expected whole numbers from 0 to ${tokenizer.size - 1}.`,
    )
  })
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
