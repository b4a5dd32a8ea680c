/**
 * @file The vocabulary as a trie over bytes, written out: its tokens in the order of their bytes, each with how much it
 * shares with the one before it. Walking them in order visits each branch once.
 */

import { createMeter, finish, type Sliced } from '../core/slices.ts'
import { SLICE_STEPS } from './cost.ts'

/** Tokens in the order of their bytes; T of them. */
export interface SortedTokens {
  /** How many ids there are, those without bytes included. */
  readonly V: number
  /** u32 (T). */
  readonly ids: Uint32Array
  /** i32 (V): where each id is among them; -1 for those without bytes. */
  readonly places: Int32Array
  /** u16 (T): how many bytes a token has in common with the one before it. */
  readonly shared: Uint16Array
  /** u32 (T + 1): where the bytes of a token begin; those of the next one follow. */
  readonly starts: Uint32Array
  readonly bytes: Uint8Array
  /** Length of the longest. */
  readonly longest: number
  /** u8 (256): 1 for bytes that are a token. */
  readonly single: Uint8Array
}

const TOKEN_STEPS = 2 // of each of the three times that a token is looked at

/** @param bytesOf the bytes of an id; empty for what must not be drawn. Takes time: once for each vocabulary. */
export const sortTokens = (V: number, bytesOf: (id: number) => Uint8Array): SortedTokens =>
  finish(sortInSlices(V, bytesOf))

/** As `sortTokens`, and gives way. */
export function* sortInSlices(V: number, bytesOf: (id: number) => Uint8Array): Sliced<SortedTokens> {
  const meter = createMeter({ most: Infinity, slice: SLICE_STEPS, refuse: RangeError })
  // Texts of one character a byte compare faster than lists of bytes, and in the same order.
  const texts: string[] = []
  const byFirst = Array.from({ length: 256 }, (): number[] => [])
  for (let id = 0; id < V; id++) {
    const bytes = bytesOf(id)
    texts.push(String.fromCharCode(...bytes))
    byFirst[bytes[0] ?? -1]?.push(id)
    if (meter.spend(TOKEN_STEPS)) yield meter.rest()
  }
  const textOf = (id: number) => texts[id] as string
  for (const ids of byFirst) {
    ids.sort((a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : a - b))
    if (meter.spend(TOKEN_STEPS * ids.length)) yield meter.rest()
  }
  const ids = Uint32Array.from(byFirst.flat())
  const places = new Int32Array(V).fill(-1)
  const shared = new Uint16Array(ids.length)
  const starts = new Uint32Array(ids.length + 1)
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0))
  const single = new Uint8Array(256)
  let longest = 0
  let before = ''
  for (const [i, id] of ids.entries()) {
    const text = textOf(id)
    places[id] = i
    let common = 0
    while (common < before.length && text[common] === before[common]) common += 1
    shared[i] = common
    bytes.set(bytesOf(id), starts[i])
    starts[i + 1] = (starts[i] as number) + text.length
    if (text.length === 1) single[text.charCodeAt(0)] = 1
    longest = Math.max(longest, text.length)
    before = text
    if (meter.spend(TOKEN_STEPS)) yield meter.rest()
  }
  return { V, ids, places, shared, starts, bytes, longest, single }
}
