/** @file The caller's notes in a saved session, which can be read without its model. */

import { RwkvError } from './errors.ts'

/** Name of the U8 tensor that holds them, as UTF-8. */
export const NOTES = 'notes'

/**
 * What `save({ notes })` wrote into a session, or into its part without states; undefined if there are no notes. Needs no
 * model, and does not say whether the rest is whole: `Model.restoreSession` does.
 * @throws RwkvError `session/saved` for bytes that are no safetensors file, or whose notes are cut off or damaged
 *
 * @example
 * ```ts
 * import { loadModel, savedNotes } from 'rwkv.js'
 *
 * const model = await loadModel('/models/storyteller/')
 * const session = await model.createSession()
 * const bytes = await session.save({ notes: 'begun on Monday' })
 * console.log(savedNotes(bytes)) // → begun on Monday
 * await model.dispose()
 * ```
 */
export function savedNotes(saved: Uint8Array): string | undefined {
  try {
    const end = 8 + Number(new DataView(saved.buffer, saved.byteOffset, saved.byteLength).getBigUint64(0, true))
    const notes = JSON.parse(decode(saved, 8, end))[NOTES]
    if (!notes) return undefined
    const [from, to] = notes.data_offsets
    return decode(saved.subarray(end), from, to)
  } catch (cause) {
    throw new RwkvError(
      'session/saved',
      `These ${saved.length} bytes are not a saved session whose notes can be read (${cause instanceof Error ? cause.message : cause}). Give the bytes that save() gave.`,
      { cause },
    )
  }
}

/** The text from byte `from` up to `to`. @throws RangeError, TypeError */
function decode(bytes: Uint8Array, from: number, to: number): string {
  if (!(from >= 0 && from <= to && to <= bytes.length)) throw new RangeError(`bytes ${from} to ${to} are not there`)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from, to))
}
