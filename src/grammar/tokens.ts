/**
 * @file The vocabulary as a trie over bytes, written out: its tokens in the order of their bytes, each with how much it
 * shares with the one before it. Walking them in order visits each branch once.
 */

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

/** @param bytesOf the bytes of an id; empty for what must not be drawn. Takes time: once for each vocabulary. */
export function sortTokens(V: number, bytesOf: (id: number) => Uint8Array): SortedTokens {
  // Texts of one character a byte compare faster than lists of bytes, and in the same order.
  const texts = Array.from({ length: V }, (_, id) => String.fromCharCode(...bytesOf(id)))
  const ids = Uint32Array.from(Array.from(texts.keys()).filter((id) => texts[id] !== ''))
  const textOf = (id: number) => texts[id] as string
  ids.sort((a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : a - b))
  const places = new Int32Array(V).fill(-1)
  const shared = new Uint16Array(ids.length)
  const starts = new Uint32Array(ids.length + 1)
  const single = new Uint8Array(256)
  let longest = 0
  let before = ''
  ids.forEach((id, i) => {
    const text = textOf(id)
    places[id] = i
    let common = 0
    while (common < before.length && text[common] === before[common]) common += 1
    shared[i] = common
    starts[i + 1] = (starts[i] as number) + text.length
    if (text.length === 1) single[text.charCodeAt(0)] = 1
    longest = Math.max(longest, text.length)
    before = text
  })
  const bytes = new Uint8Array(starts.at(-1) as number)
  ids.forEach((id, i) => {
    bytes.set(bytesOf(id), starts[i])
  })
  return { V, ids, places, shared, starts, bytes, longest, single }
}
